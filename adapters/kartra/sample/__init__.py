"""Made-up Kartra exports, with the truth of what must come of them.

    summary = write_sample(folder, contacts=2_000, seed=7)       # overlapping contacts exports, and truth.json
    summary = write_sample(folder, 2_000, 7, everything=True)    # every kind of file of the same account
    summary = write_sample(folder, 5_000, 7, dirty=False, companies=400, transactions=8_000)  # a row a record

How it is made: a row is a dictionary of cells, each with what stands in the file and what it means (`cells`); whatever
writes a row enters it in the books with its fate (`books`); the truth is read off the meanings at the end (`truth`,
`expected`). The code that reads and maps exports is used nowhere here.
"""

from adapters.kartra.sample.generate import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
