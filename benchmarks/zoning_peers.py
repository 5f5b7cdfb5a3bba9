"""The search against published optimisers on the same problem and the same clock.

- Distance, nobody over capacity, synthetic cities: OR-tools CP-SAT as school studies use it (Gillani et al. 2023: a
  unit may go to a school only beside a unit that goes there and is nearer to it), and spopt's capacitated p-median with
  every school open (spopt 0.7; it knows no contiguity and may split no unit).
- Loudoun's elementary schools, published objective: GerryChain 1.0, its simulated annealing and its short bursts of
  single flips that keep zones in one piece and schools in theirs.

Every line gives the objective of each after `seconds` and their ratio; ours is better where it is above 1.
`python -m benchmarks.zoning_peers [SECONDS]`.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Lines
from benchmarks.zoning_cases import synthetic
from benchmarks.zoning_loudoun import DATA, published, write_problem
from zoning.graph import IntArray
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.problem import NOWHERE, Problem
from zoning.relax import relax
from zoning.rounding import adopted
from zoning.solve import Budget, solve

SECONDS = 30.0
CORES = 2
Peer = Callable[[Problem, float], IntArray | None]


def ours(problem: Problem, seconds: float) -> Plan:
    """Our plan within the seconds."""
    begun = time.perf_counter()
    return solve(problem, 1, Budget(None, seconds), lambda: time.perf_counter() - begun, lambda *_progress: None)


def cp_sat(problem: Problem, seconds: float) -> IntArray | None:
    """CP-SAT: seats, and a nearer neighbour for every unit but the schools' own; None if it finds nothing."""
    from ortools.sat.python import cp_model

    assert problem.walks is not None
    model, walks = cp_model.CpModel(), problem.walks
    units, targets = walks.shape
    goes = [[model.new_bool_var("") for _ in range(targets)] for _ in range(units)]
    demand, seats = problem.demand.astype(int).tolist(), problem.capacity.astype(int).tolist()
    start, neighbour = problem.graph.start, problem.graph.neighbour
    for u in range(units):
        model.add_exactly_one(goes[u])
        if problem.owner[u] != NOWHERE:
            model.add(goes[u][problem.owner[u]] == 1)
        for s in range(targets):
            if problem.owner[u] != s:
                beside = [v for v in neighbour[start[u] : start[u + 1]].tolist() if walks[v, s] < walks[u, s]]
                model.add_bool_or([goes[v][s] for v in beside] + [goes[u][s].negated()])
    for s in range(targets):
        model.add(sum(demand[u] * goes[u][s] for u in range(units)) <= seats[s])
    model.minimize(sum(int(demand[u] * walks[u, s]) * goes[u][s] for u in range(units) for s in range(targets)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, CORES
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return np.array([next(s for s in range(targets) if solver.boolean_value(goes[u][s])) for u in range(units)])


def p_median(problem: Problem, seconds: float) -> IntArray | None:
    """spopt's capacitated p-median, solved by CBC: seats hold, zones need not hang together."""
    import pulp
    from spopt.locate import PMedian

    assert problem.walks is not None
    model = PMedian.from_cost_matrix(
        problem.walks,
        problem.demand,
        p_facilities=len(problem.targets),
        facility_capacities=problem.capacity,
        fulfill_predefined_fac=False,
    )
    try:
        model = model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, threads=CORES))
    except RuntimeError:
        return None
    return np.array([served[0] for served in model.cli2fac])


def gerrychain(problem: Problem, seconds: float, bursts: bool) -> IntArray:
    """The best plan of GerryChain's annealing (or short bursts of 50) by single flips, from today's map made whole."""
    import networkx as nx
    from gerrychain import Graph, Partition
    from gerrychain.constraints import single_flip_contiguous
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import propose_random_flip
    from gerrychain.updaters import cut_edges

    measure = Measure(problem)
    graph = nx.empty_graph(len(problem.units))
    graph.add_edges_from(problem.edges.tolist())
    today = published(problem, "elementary", "zoning_current.csv")
    first = adopted(measure.rule, relax(problem), today)
    units = len(problem.units)

    def choice(plan: Any) -> IntArray:
        return np.array([plan.assignment[at] for at in range(units)])

    def score(plan: Any) -> float:
        return measure.objective(measure.terms(choice(plan)))

    def keeps_schools(plan: Any) -> bool:
        return all(plan.assignment[int(u)] == problem.owner[u] for u in np.flatnonzero(problem.owner != NOWHERE))

    plan = Partition(Graph.from_networkx(graph), dict(enumerate(first.tolist())), updaters={"cut_edges": cut_edges})
    search = SingleMetricOptimizer(
        propose_random_flip, [single_flip_contiguous, keeps_schools], plan, score, maximize=False, rng=1
    )
    many = 10**9
    steps = (
        search.short_bursts(50, many // 50)
        if bursts
        else search.simulated_annealing(many, search.jumpcycle_beta_function(2000, 8000), beta_magnitude=300.0)
    )
    end = time.perf_counter() + seconds
    for _ in steps:
        if time.perf_counter() > end:
            break
    return choice(search.best_part)


def compare(lines: Lines, case: str, problem: Problem, seconds: float, peers: dict[str, Peer]) -> None:
    """One line a peer."""
    measure, mine = Measure(problem), ours(problem, seconds)
    for name, peer in peers.items():
        begun = time.perf_counter()
        theirs = peer(problem, seconds)
        taken = time.perf_counter() - begun
        value = None if theirs is None else measure.objective(measure.terms(theirs))
        lines.say(
            case=case,
            seconds=seconds,
            objective=round(mine.figures.objective, 5),
            contiguous=mine.figures.contiguous,
            peer=name,
            peer_seconds=round(taken, 1),
            peer_objective=value and round(value, 5),
            peer_contiguous=None if theirs is None else measure.figures(theirs).contiguous,
            ratio=value and round(value / mine.figures.objective, 4),
        )


def main() -> None:
    """Every case with every peer that fits it."""
    warnings.simplefilter("ignore")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    lines = Lines("zoning_peers")
    distance: dict[str, Peer] = {"CP-SAT (nearer neighbour)": cp_sat, "spopt capacitated p-median (CBC)": p_median}
    for units, schools in ((400, 8), (2000, 36)):
        compare(lines, f"synthetic {units}x{schools}", synthetic(units, schools), seconds, distance)
    if not DATA.is_dir():
        return
    chains: dict[str, Peer] = {
        "GerryChain simulated annealing": lambda problem, seconds: gerrychain(problem, seconds, False),
        "GerryChain short bursts": lambda problem, seconds: gerrychain(problem, seconds, True),
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "elementary"
        write_problem("elementary", folder)
        compare(lines, "Loudoun, elementary", Problem.read(folder), seconds, chains)


if __name__ == "__main__":
    main()
