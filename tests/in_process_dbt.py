"""dbt in the process of the tests: it parses a project once, and compiles what a var changes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.context.base import Var
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode, SingularTestNode

#: Vars that decide which models a model refers to; the others change compiled text only.
_SHAPING_VARS = ("systems", "fx_mode", "usage_revenue")
#: Parsed projects that are kept: each takes some hundred megabytes.
_KEPT_COUNT = 3

_Compiled = ModelNode | GenericTestNode | SingularTestNode


class InProcessDbt:
    """Compiles in this process and parses the project only when a var can change its graph.

    A process of its own would spend most of its time on start-up and parsing, once for every position of every policy. Which
    models and tests ask for which var is noted when all are compiled; under other vars only those are compiled again that ask
    for one that differs.
    """

    def __init__(self) -> None:
        self._projects: dict[str, _Project] = {}

    def compile(
        self,
        target: Path,
        options: Sequence[str],
        variables: Mapping[str, Any],
        environment: Mapping[str, str],
    ) -> tuple[dict[str, Any], bytes, dict[str, str]]:
        """``dbt compile`` into the folder ``target`` with these options and vars.

        Returns the project's manifest under the vars that it was first compiled with, parsed and as it was written, and the SQL that
        is another one under these vars, by name. Raises ``RuntimeError`` with what dbt says if it fails.
        """
        # An open log a run would be left behind.
        options = [
            *options, "--vars", json.dumps(variables), "--target-path", str(target), "--quiet", "--log-level-file", "none"
        ]  # fmt: skip
        shape = json.dumps({name: variables.get(name) for name in _SHAPING_VARS})
        with mock.patch.dict(os.environ, environment):
            project = self._projects.pop(shape, None)
            if project is None:
                parsed = dbtRunner().invoke(["parse", *options])
                if not isinstance(parsed.result, Manifest):
                    raise RuntimeError(str(parsed.exception))
                project = _Project(parsed.result)
            self._projects[shape] = project  # the newest is the last
            while len(self._projects) > _KEPT_COUNT:
                self._projects.pop(next(iter(self._projects)))
            changed = project.compile(target, [*options, "--no-introspect", "--no-populate-cache"], variables)
            return project.whole, project.written, changed


class _Project:
    """A parsed project: compiled as a whole first, then what other vars change."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._variables: Mapping[str, Any] = {}
        #: var → names of the models and tests that ask for it
        self._readers: dict[str, set[str]] = {}
        self._code: dict[str, str | None] = {}
        #: the manifest of the first compilation, as it is and as it was written
        self.whole: dict[str, Any] = {}
        self.written = b""

    def compile(self, target: Path, options: list[str], variables: Mapping[str, Any]) -> dict[str, str]:
        """The SQL that is another one than when all was compiled, by name."""
        changed: dict[str, str] = {}
        for node in self._nodes():  # what an ephemeral model gave last time
            node.extra_ctes_injected, node.extra_ctes = False, []
        if not self._code:
            result = self._invoke([*options, "--select", "resource_type:model", "resource_type:test"])
            self._variables = variables
            self._code = {node.unique_id: node.compiled_code for node in self._nodes()}
            if result.success:
                self.written = (target / "manifest.json").read_bytes()
                self.whole = json.loads(self.written)
        else:
            names = self._variables.keys() | variables.keys()
            others = {name for name in names if self._variables.get(name) != variables.get(name)}
            readers = set().union(*(self._readers.get(name, set()) for name in others))
            result = self._invoke(
                [*options, "--no-write-json", "--select", *(sorted(readers) or ["dim_policy"])]
            )
            for node in self._nodes():
                if node.compiled_code and node.compiled_code != self._code[node.unique_id]:
                    changed[node.name] = node.compiled_code
                node.compiled_code = self._code[node.unique_id]
        if not result.success:
            raise RuntimeError(str(result.exception))
        return changed

    def _nodes(self) -> list[_Compiled]:
        return [node for node in self._manifest.nodes.values() if isinstance(node, _Compiled)]

    def _invoke(self, options: list[str]) -> dbtRunnerResult:
        asked = Var.__call__

        def asking(var: Var, name: str, *default: Any) -> Any:
            if isinstance(node := var._node, _Compiled):
                self._readers.setdefault(name, set()).update([node.name, *self._readers_of(node)])
            return asked(var, name, *default)

        with mock.patch.object(Var, "__call__", asking):
            return dbtRunner(manifest=self._manifest).invoke(["compile", *options])

    def _readers_of(self, node: _Compiled) -> list[str]:
        """The models and tests of which an ephemeral one is a part."""
        if node.config.materialized != "ephemeral":
            return []
        return [other.name for other in self._nodes() if node.unique_id in other.depends_on.nodes]
