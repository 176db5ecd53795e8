"""The long form: `./deploy/test --faults` runs every scenario with 2,000 jobs and prints the README's table.

What has been run is kept, so a second call goes on where one was broken off; `--fresh` begins anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.debian import install
from deploy.folders import Folders
from deploy.installer import SetupError
from tests.faults.scenarios import SCENARIOS, Scenario, clock_preload, faketime
from tests.faults.service import Service
from tests.faults.tally import Tally
from tests.faults.trial import run_trial

RATE = 20.0


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for and not done yet; gives 0 if every scenario was clean."""
    parser = argparse.ArgumentParser(prog="./deploy/test --faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="scenarios whose names hold one of these words (default: all)")
    parser.add_argument("--jobs", type=int, default=2000, help="requests of each scenario (default 2000)")
    parser.add_argument("--fresh", action="store_true", help="run again what has been run")
    asked = parser.parse_args(arguments)
    kept = Folders.from_env().home / "faults" / f"{asked.jobs}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if asked.fresh:
        kept.unlink(missing_ok=True)
    _ensure_faketime()
    done = _read(kept)
    for scenario in SCENARIOS:
        is_asked = not asked.names or any(word in scenario.name for word in asked.names)
        if not is_asked or scenario.name in done:
            continue
        if scenario.is_clock and not faketime():
            continue
        tally = _run(scenario, asked.jobs, kept.with_name(f"{scenario.name} logs"))
        done[scenario.name] = tally
        with kept.open("a") as out:
            out.write(tally.to_json() + "\n")
        print(table([tally]).splitlines()[-1], flush=True)
    print("\n" + table(list(done.values())))
    return 0 if all(tally.is_clean for tally in done.values()) else 1


def table(tallies: Sequence[Tally]) -> str:
    """The table of the README."""
    rows = [
        "| scenario | sent | faults | accepted | refused | ended once | lost | double | odd | left over "
        "| one webhook-id |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for each in tallies:
        ends = (each.once, each.lost, each.double, each.odd, each.left, each.webhooks)
        numbers = (each.sent, each.faults, each.accepted, each.refused, *ends)
        rows.append(f"| {each.scenario} | {' | '.join(f'{number:,}' for number in numbers)} |")
    return "\n".join(rows)


def _run(scenario: Scenario, jobs: int, logs: Path) -> Tally:
    """Run one; if it is not clean, what its processes have written is kept in `logs`."""
    with tempfile.TemporaryDirectory(prefix="kartu-faults-") as temporary:
        folder = Path(temporary)
        with Service(folder, clock_preload(folder) if scenario.is_clock else None) as service:
            tally = run_trial(service, scenario, jobs, RATE, first_strike_s=5)
        if not tally.is_clean:
            shutil.copytree(service.folders.logs, logs, dirs_exist_ok=True)
        return tally


def _ensure_faketime() -> None:
    if faketime():
        return
    try:
        install(["faketime"])
    except SetupError as error:
        print(f"faketime is missing. {error} The scenario that steps the clock is left out.", file=sys.stderr)


def _read(kept: Path) -> dict[str, Tally]:
    lines = kept.read_text().splitlines() if kept.exists() else []
    return {tally.scenario: tally for tally in (Tally(**json.loads(line)) for line in lines)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
