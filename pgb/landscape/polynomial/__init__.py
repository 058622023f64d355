"""All critical points of losses with linear or polynomial activations: homotopy search (untrusted), ball certificates (trusted).

Start reading at `solve`; the searchers are `monodromy`, `tracker` and `instances`, the trusted rooms `balls`, `certify`,
`exact` and `completeness`.
"""
