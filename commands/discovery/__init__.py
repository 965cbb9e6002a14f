"""What a folder of Kartra exports holds, found by reading it and nothing else: no ledger, no Twenty.

    audit = survey(scan(folder), config, stale_before=…, tick=…)      # the whole document; `survey` streams the files
    report = told(audit)                                              # the same, as sections to be read

`document` has the shape of what is found. Each collector (`people`, `columns`, `names`, `companies`, `sales`, `deals`,
`engagement`) takes rows one by one and keeps counts, a few small values for every contact and nothing of what else a
row says; `scope` draws the conclusions.
"""
