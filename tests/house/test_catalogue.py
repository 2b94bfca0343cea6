"""Every refusal of the catalogue is raised by at least one test."""

from sekisho.spec import refusal
from sekisho.spec.refusals import AREAS, CATALOGUE
from tests.house.catalogue import never_raised, refusals, spoken
from tests.house.source import PACKAGE, ROOT, read, sources

TESTS = ROOT / "tests"
PLANTED = 'A = Reason("a_slug", "invalid_request", 400, "A")\nB: Reason = Reason(slug="b_slug", error="x")\n'


def test_each_refusal_is_raised_by_a_test():
    """Each slug of the catalogue, or its constant, is used by a test outside this folder."""
    catalogue = {
        name: slug
        for path in (PACKAGE / "spec" / "refusal.py", *(PACKAGE / "spec" / "refusals").glob("*.py"))
        for name, slug in refusals(read(path.read_text("utf-8"), f"src/sekisho/spec/{path.name}")).items()
    }
    tests = [source for source in sources(TESTS) if not source.path.startswith("tests/house/")]
    tables = [path.read_text("utf-8") for path in TESTS.rglob("*.json") if "house" not in path.parts]
    assert sorted(catalogue.values()) == sorted(CATALOGUE)
    assert never_raised(catalogue, spoken(tests, tables)) == []


def test_catalogue_holds_every_refusal_once():
    """CATALOGUE maps each slug to its one reason, and no two constants share a slug."""
    things = [thing for area in AREAS for thing in vars(area).values()]
    reasons = [thing for thing in things if isinstance(thing, refusal.Reason)]
    assert sorted(reason.slug for reason in reasons) == sorted(CATALOGUE)
    assert all(CATALOGUE[reason.slug] is reason for reason in reasons)


def test_finds_a_refusal_that_no_test_raises():
    """A slug that only a comment, a docstring or an import speaks of is found."""
    idle = read('"""a_slug"""\n# a_slug\nfrom sekisho.spec.refusal import A\n', "tests/test_x.py")
    assert never_raised(refusals(read(PLANTED)), spoken([idle], [])) == ["a_slug", "b_slug"]


def test_finds_the_tests_that_raise_a_refusal():
    """A slug counts as raised by its constant, by its text, and by a table in JSON."""
    catalogue = refusals(read(PLANTED))
    assert never_raised(catalogue, spoken([read("raises(refusal.A)"), read("raises(B)")], [])) == []
    assert never_raised(catalogue, spoken([read("table = [('x', 'a_slug')]")], ['{"slug": "b_slug"}'])) == []
