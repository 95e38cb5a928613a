#!/usr/bin/env python3
"""Runs the benchmark programs and prints one table of what they measured; see report.sh, which builds them."""

import argparse
import datetime
import json
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

PARTS = ("messages", "memory", "state")
BUDGETS = pathlib.Path(__file__).with_name("budgets.json")


def arguments():
    parser = argparse.ArgumentParser(prog="report.sh", add_help=False)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--build")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="seconds; only that all of it runs")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--store", action="append")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def size(options, smoke, quick, full):
    return str(smoke if options.smoke else quick if options.quick else full)


def commands(options, scratch):
    """Yields part, name and command of each program; it writes its rows to a file that is added behind --json."""
    folder = options.folder
    for part in options.only or PARTS:
        if part == "messages":
            yield part, "bench_messages", [
                folder / "bench_messages",
                "--rounds", size(options, 1, 3, 7),
                "--operations", size(options, 2000, 200_000, 1_000_000),
                "--wide", size(options, 100, 100_000, 100_000),
            ]
        elif part == "memory":
            yield part, "bench_memory", [
                folder / "bench_memory", "--actors", size(options, 1000, 100_000, 1_000_000),
                "--rounds", size(options, 1, 1, 3),
            ]
        else:
            for store in options.store or [f"sqlite:{scratch / 'report.db'}"]:
                yield part, f"bench_stores {store.split(':')[0]}", [
                    folder / "bench_stores", "--store", store,
                    "--rounds", size(options, 1, 3, 7),
                    "--milliseconds", size(options, 20, 1000, 4000),
                    "--actors", size(options, 100, 10_000, 10_000),
                    "--raw-actors", size(options, 2048, 100_000, 100_000),
                ]


def first_line(command):
    if shutil.which(command[0]) is None:
        return "not found"
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")[0]


def machine():
    model, cores = "unknown processor", 0
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model, cores = line.split(":", 1)[1].strip(), cores + 1
    caf = first_line(["dpkg-query", "-W", "-f", "${Version}", "libcaf-dev"]) or "not found"
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{model}, {cores} cores, {platform.system()} {platform.release()}",
        "compiler": first_line(["c++", "--version"]),
        "caf": caf,
    }


def budget_of(row, budgets):
    """What the row of troupe is to keep to, and whether it does; nothing where there is no budget."""
    name, median = row["workload"], row["median"]
    threads = 1 if row["threads"] == 2 else 0
    said, kept = [], True
    if row["unit"].startswith("bytes"):
        kind, _, *rest = name.split("/")  # kind/actors/what
        most = budgets["memory"].get("/".join([kind, *rest]))
        if most is not None:
            said.append(f"<= {most} B")
            kept = median <= most
    elif row["unit"] == "turns/s":
        if name in budgets["state"]:
            said.append(f">= {budgets['state'][name]} raw")
            kept = row["ratio_to_raw"] >= budgets["state"][name]
    else:
        if name in budgets["messages"]:
            said.append(f"<= {budgets['messages'][name][threads]} ns")
            kept = median <= budgets["messages"][name][threads]
        if name in budgets["times_raw_most"] and row["ratio_to_raw"] is not None:
            said.append(f"<= {budgets['times_raw_most'][name]} raw")
            kept = kept and row["ratio_to_raw"] <= budgets["times_raw_most"][name]
        least = budgets["times_peer_least"].get(name, budgets["times_peer_least"]["*"])
        if row["ratio_to_best_peer"] is not None:
            said.append(f">= {least:g} x peer")
            kept = kept and row["ratio_to_best_peer"] >= least
    return ", ".join(said), kept


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def show(rows, about):
    print(f"{about['date']}, {about['machine']}; {about['compiler']}; CAF {about['caf']}")
    print("median (least - most); peers and raw: how many times better than the best peer, and times the raw limit")
    budgets = json.loads(BUDGETS.read_text())
    form = "{:32} {:>3} {:8} {:>12} {:>25} {:>7} {:>6}  {}"
    print(form.format("workload", "thr", "", "median", "least - most", "peers", "raw", "budget"))
    for row in rows:
        budget, kept = budget_of(row, budgets) if row["contestant"] == "troupe" else ("", True)
        peer, raw = row["ratio_to_best_peer"], row["ratio_to_raw"]
        own = row["contestant"] == "troupe"
        print(form.format(
            row["workload"] if own else "", row["threads"] if own else "", row["contestant"],
            number(row["median"]), f"{number(row['min'])} - {number(row['max'])}",
            f"{peer:.1f}" if own and peer is not None else "", f"{raw:.2f}" if own and raw is not None else "",
            (budget + (": kept" if kept else ": NOT KEPT")) if budget else ""))


def ordered(rows):
    """Troupe first in each workload, the workloads as they were measured."""
    places = {}
    for row in rows:
        places.setdefault((row["workload"], row["threads"]), len(places))
    return sorted(rows, key=lambda row: (places[row["workload"], row["threads"]], row["contestant"] != "troupe"))


def main():
    options = arguments()
    rows, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        for part, name, command in commands(options, scratch):
            print(f"{part}: {name}", file=sys.stderr, flush=True)
            file = scratch / "rows.json"
            file.unlink(missing_ok=True)
            run = subprocess.run([*map(str, command), "--json", str(file)], stdout=subprocess.DEVNULL, check=False)
            if run.returncode != 0 or not file.exists():
                failed.append(f"{name} (exit code {run.returncode})")
                continue
            rows += json.loads(file.read_text())
    rows = ordered(rows)
    if rows:
        show(rows, machine())
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    for name in failed:
        print(f"report.sh: {name} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
