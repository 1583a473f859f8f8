"""A function has one name: in `infra/functions.py`, in its template, as a program, and as an argument of the program with all of them."""

import re
import tomllib
import unittest

from infra import functions, templates
from infra.root import ROOT


class Names(unittest.TestCase):
    def test_resources_have_the_functions_names(self):
        for stack, names in functions.BY_STACK.items():
            resources = templates.load(stack)["Resources"].items()
            found = {name: r["Properties"] for name, r in resources if r["Type"] == "AWS::Lambda::Function"}
            self.assertEqual(sorted(map(functions.of_resource, found)), sorted(names))
            for logical, properties in found.items():
                name = functions.of_resource(logical)
                self.assertEqual(properties["FunctionName"], {"Fn::Sub": f"shoebox-${{Stage}}-{name}"})
                self.assertEqual(properties["Code"], f"package:{name}")

    def test_programs_have_the_functions_names(self):
        programs = {program["name"] for program in tomllib.loads((ROOT / "server/Cargo.toml").read_text())["bin"]}
        self.assertEqual(programs, {"functions", *functions.ALL})
        together = (ROOT / "server/src/bin/functions.rs").read_text()
        self.assertEqual(sorted(re.findall(r'"([a-z-]+)" => \w+::run\(\)', together)), sorted(functions.ALL))


if __name__ == "__main__":
    unittest.main()
