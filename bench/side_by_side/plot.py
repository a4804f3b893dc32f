"""A picture of raw results: CPU per request, and by how much rounds differ."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.pictures import drawn
from bench.side_by_side.candidates import BY_NAME
from bench.side_by_side.results import Run, Sample


def plot(run: Run, samples: Sequence[Sample], path: Path) -> None:
    """Bars by workload and candidate on a logarithmic scale, medians of the rounds; whiskers from least to most."""
    saturated = [sample for sample in samples if sample.load == "saturated"]
    workloads = list(dict.fromkeys(sample.workload for sample in saturated))
    names = [name for name in BY_NAME if any(sample.candidate == name for sample in saturated)]
    width = 0.85 / len(names)
    with drawn(path, max(7, 1.7 * len(workloads)), 4.5) as figure:
        axes = figure.add_subplot()
        for place, name in enumerate(names):
            found = [
                (at + place * width, [s.cpu_us for s in saturated if s.candidate == name and s.workload == workload])
                for at, workload in enumerate(workloads)
            ]
            spent = {at: each for at, each in found if each}
            middles = [median(each) for each in spent.values()]
            axes.bar(
                list(spent),
                middles,
                width,
                label=BY_NAME[name].title,
                yerr=[
                    [middle - min(each) for middle, each in zip(middles, spent.values(), strict=True)],
                    [max(each) - middle for middle, each in zip(middles, spent.values(), strict=True)],
                ],
                error_kw={"elinewidth": 0.8},
            )
        axes.set_yscale("log")
        axes.set_ylabel("CPU µs per request")
        axes.set_title(f"{run.date[:10]}, commit {run.commit}, {run.machine}", fontsize="small")
        middle = width * (len(names) - 1) / 2
        axes.set_xticks([at + middle for at in range(len(workloads))], workloads, rotation=15)
        axes.legend(fontsize="small", ncols=2)
