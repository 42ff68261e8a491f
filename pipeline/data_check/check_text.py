"""Writes what a check of the data found, for people and for programs."""

import json
from dataclasses import asdict

from pipeline.data_check.dataset_check import DatasetCheck
from pipeline.data_check.finding import Finding
from pipeline.runs.dates import write_span


def describe_check(check: DatasetCheck) -> list[str]:
    """Writes tables, splits, findings and the outcome as lines."""
    lines = []
    for name, content in check.tables.items():
        counts = content.counts
        unused = sum(counts["rejected"].values())
        files = len(content.files)
        part = " (the first rows; there are more)" if content.is_cut else ""
        lines.append(
            f"{name:<7} {counts['read']:,} rows in {files:,} "
            f"{'file' if files == 1 else 'files'}{part}: "
            f"{counts['used']:,} used, {unused:,} rejected"
        )
    if check.facts is not None:
        facts = check.facts
        lines.append(
            f"users   {facts.num_users:,} with events, "
            f"{write_span(facts.first, facts.last)}"
        )
        sizes = check.split_sizes.items()
        lines.append(
            "splits  "
            + ", ".join(f"{name} {count:,}" for name, count in sizes)
            + " events"
        )
    for finding in check.findings:
        lines += describe_finding(finding)
    return [*lines, _conclude(check)]


def describe_finding(finding: Finding) -> list[str]:
    """Writes a finding, and what may help, as lines."""
    lines = [f"{finding.level}: {' '.join(finding.text.split())}"]
    if finding.remedy:
        lines.append(f"    {finding.remedy}")
    return lines


def dump_check(check: DatasetCheck) -> str:
    """Writes the same as one JSON object."""
    fields = {
        "ok": not check.errors,
        "tables": {
            name: {
                **content.counts,
                "files": [one.path for one in content.files],
                "is_cut": content.is_cut,
            }
            for name, content in check.tables.items()
        },
        "events": check.facts and asdict(check.facts),
        "splits": check.split_sizes,
        "findings": [asdict(one) for one in check.findings],
    }
    return json.dumps(fields, indent=2, ensure_ascii=False)


def _conclude(check: DatasetCheck) -> str:
    num_errors = len(check.errors)
    num_warnings = len(check.findings) - num_errors
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((num_errors, "error"), (num_warnings, "warning"))
        if count
    ]
    told = f" ({', '.join(parts)})" if parts else ""
    if num_errors:
        return f"A run would stop{told}."
    return f"A run would go on to training{told}."
