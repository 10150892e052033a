"""How fast the portal is: what it takes, over the least that the same could take, both measured in one run.

`python -m bench` runs everything, `python -m bench pages` one part; `--write` puts the figures into docs/performance.md.
Nothing here fails because a machine is slow: only ratios are told. What must be exact (nobody oversold, no message lost)
does fail.
"""
