/* The plan's map: our own layers on paper, no tiles, no glyph server, nothing from another host. */

import * as maplibre from "../vendor/maplibre-gl/maplibre-gl.mjs";

maplibre.setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);

const FONTS = ["PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
const EMPTY = { type: "FeatureCollection", features: [] };
const HATCH = 8;

export class PlanMap {
  /* `city` and `plan` are the server's documents; `onPick(unit)` is called when somebody clicks a unit. */
  constructor(container, city, plan, { words, onPick }) {
    this.plan = plan;
    this.zones = plan.zones;
    this.map = new maplibre.Map({
      container,
      style: style(city, plan),
      bounds: city.bounds,
      fitBoundsOptions: { padding: 24 },
      maxBounds: widened(city.bounds),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      localIdeographFontFamily: FONTS.join(", "),
      locale: words,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new maplibre.ScaleControl({ unit: "metric" }), "bottom-left");
    this.styled = new Promise((resolve) => this.map.once("style.load", resolve)).then(() =>
      this.map.addImage("hatch", hatch(colour("--ink")), { pixelRatio: 2 }));
    this.#listen(onPick);
    this.ready = new Promise((resolve) => this.map.once("idle", resolve));
  }

  /* Redraw zones that an edit touched, hatch the units that moved, ring the schools that hold too many. */
  async show(zones, moved, over) {
    await this.styled;
    const fresh = new Set(zones.map((zone) => zone.id));
    const rest = this.zones.features.filter((zone) => !fresh.has(zone.id));
    const features = [...rest, ...zones.filter((zone) => zone.geometry)];
    this.map.getSource("zones").setData({ ...this.zones, features });
    this.map.setFilter("moved", ["in", ["get", "unit"], ["literal", moved]]);
    this.map.setFilter("moved-edge", ["in", ["get", "unit"], ["literal", moved]]);
    this.map.setFilter("school-over", ["in", ["get", "school"], ["literal", over]]);
  }

  async choose(unit) {
    await this.styled;
    this.map.setFilter("chosen", ["==", ["get", "unit"], unit ?? ""]);
  }

  /* Bring a box (west, south, east, north) into view; a box that is in view already moves nothing. */
  visit(box, maxZoom = 13.3) {
    const [[west, south], [east, north]] = this.map.getBounds().toArray();
    const inView = box[0] > west && box[1] > south && box[2] < east && box[3] < north;
    if (inView && this.map.getZoom() > 12.5) return;
    this.map.fitBounds(box, { padding: 64, maxZoom, duration: calm() ? 0 : 500 });
  }

  #listen(onPick) {
    const map = this.map;
    let under = null;
    const hover = (unit) => {
      if (under) map.setFeatureState({ source: "units", id: under }, { hover: false });
      under = unit;
      if (under) map.setFeatureState({ source: "units", id: under }, { hover: true });
      map.getCanvas().style.cursor = under ? "pointer" : "";
    };
    map.on("mousemove", "units", (event) => hover(event.features[0].id));
    map.on("mouseleave", "units", () => hover(null));
    map.on("click", "units", (event) => onPick(event.features[0].id));
  }
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function widened([west, south, east, north]) {
  const [x, y] = [(east - west) / 2, (north - south) / 2];
  return [west - x, south - y, east + x, north + y];
}

/* Diagonal strokes as raw pixels: no image file, no blob. */
function hatch(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const size = HATCH * 2;
  const data = new Uint8ClampedArray(size * size * 4);
  for (let at = 0; at < size * size; at += 1) {
    const stroke = ((at % size) + Math.floor(at / size)) % size < 3;
    data.set([red, green, blue, stroke ? 190 : 0], at * 4);
  }
  return { width: size, height: size, data };
}

function style(city, plan) {
  const source = (data, promoteId) => ({ type: "geojson", data, promoteId, tolerance: 0.2 });
  return {
    version: 8,
    sources: {
      backdrop: source(city.backdrop),
      units: source(city.units, "unit"),
      zones: source(plan.zones, "school"),
      schools: source(schoolPoints(plan)),
    },
    layers: [...ground(), ...zoneLayers(), ...backdropLayers(), ...unitLayers(), ...schoolLayers()],
  };
}

function schoolPoints(plan) {
  const features = plan.schools.flatMap((school) => school.places.map((place) => ({
    type: "Feature",
    properties: { school: school.school, number: String(school.number), name: school.name },
    geometry: { type: "Point", coordinates: place },
  })));
  return features.length ? { type: "FeatureCollection", features } : EMPTY;
}

const ground = () => [{ id: "paper", type: "background", paint: { "background-color": colour("--paper") } }];

function zoneLayers() {
  const shades = [1, 2, 3, 4, 5, 6].flatMap((number) => [number - 1, colour(`--zone-${number}`)]);
  const paint = { "fill-color": ["match", ["get", "colour"], ...shades, colour("--zone-6")], "fill-antialias": false };
  return [{ id: "zones", type: "fill", source: "zones", paint }];
}

const ofKind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
const growing = (low, high) => ["interpolate", ["exponential", 1.6], ["zoom"], 11, low, 16, high];
const line = (id, source, filter, paint, cap = "round") => ({
  id, type: "line", source, filter, paint, layout: { "line-cap": cap, "line-join": "round" },
});

function backdropLayers() {
  return [
    { id: "water", type: "fill", source: "backdrop", filter: ofKind("water"), paint: { "fill-color": colour("--water") } },
    line("streets", "backdrop", ofKind("street"), { "line-color": colour("--sheet"), "line-width": growing(0.3, 3), "line-opacity": 0.75 }),
    line("roads", "backdrop", ofKind("road"), { "line-color": colour("--sheet"), "line-width": growing(1, 6) }),
    line("barrier-case", "backdrop", ofKind("barrier"), { "line-color": colour("--ink-soft"), "line-width": growing(2, 8) }),
    line("barrier", "backdrop", ofKind("barrier"), { "line-color": colour("--sheet"), "line-width": growing(1, 5.5) }),
    line("river", "backdrop", ofKind("river"), { "line-color": colour("--water"), "line-width": growing(2.5, 14) }),
  ];
}

function unitLayers() {
  const ink = colour("--zone-edge");
  const none = ["==", ["get", "unit"], ""];
  const faint = ["interpolate", ["linear"], ["zoom"], 11, 0.12, 13.5, 0.4];
  const hovered = ["case", ["boolean", ["feature-state", "hover"], false], 0.14, 0];
  return [
    { id: "units", type: "fill", source: "units", paint: { "fill-color": ink, "fill-opacity": hovered } },
    line("unit-edges", "units", ["all"], { "line-color": ink, "line-width": 0.6, "line-opacity": faint }),
    { id: "moved", type: "fill", source: "units", filter: none, paint: { "fill-pattern": "hatch" } },
    line("zone-edges", "zones", ["all"], { "line-color": ink, "line-width": growing(1.4, 3) }),
    line("railway", "backdrop", ofKind("railway"), { "line-color": colour("--ink-soft"), "line-width": growing(2.4, 4.5) }, "butt"),
    line("sleepers", "backdrop", ofKind("railway"), { "line-color": colour("--sheet"), "line-width": growing(1.2, 2.7), "line-dasharray": [5, 5] }, "butt"),
    line("moved-edge", "units", none, { "line-color": ink, "line-width": 1.6 }),
    line("chosen", "units", none, { "line-color": colour("--celadon"), "line-width": 4 }),
  ];
}

function schoolLayers() {
  const ink = colour("--ink");
  const size = ["interpolate", ["linear"], ["zoom"], 11, 8, 14, 12];
  const mark = { "circle-radius": size, "circle-color": ink, "circle-stroke-width": 1.5, "circle-stroke-color": colour("--sheet") };
  const over = { ...mark, "circle-color": colour("--high"), "circle-stroke-width": 3 };
  const figure = { "text-color": colour("--sheet") };
  const name = { "text-color": ink, "text-halo-color": colour("--sheet"), "text-halo-width": 1.6 };
  const anchors = { "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1.25, "text-justify": "auto" };
  return [
    { id: "school", type: "circle", source: "schools", paint: mark },
    { id: "school-over", type: "circle", source: "schools", filter: ["==", ["get", "school"], ""], paint: over },
    {
      id: "school-name", type: "symbol", source: "schools", paint: name, minzoom: 11.5,
      layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 13, "text-max-width": 12, ...anchors },
    },
    {
      id: "school-number", type: "symbol", source: "schools", paint: figure,
      layout: {
        "text-field": ["get", "number"], "text-font": FONTS, "text-allow-overlap": true, "text-padding": 6,
        "text-size": ["interpolate", ["linear"], ["zoom"], 11, 10, 14, 13],
      },
    },
  ];
}
