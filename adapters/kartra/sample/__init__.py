"""Made-up Kartra exports, with the truth of what must come of them.

summary = write_sample(folder, contacts=2_000, seed=7)      # five overlapping exports, awkward rows, truth.json
summary = write_sample(folder, 5_000, 7, dirty=False, companies=400)     # one clean export, a row a contact
"""

from adapters.kartra.sample.generate import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
