"""Units, schools and a policy become plans: optimum, certificate, checks, public text."""
