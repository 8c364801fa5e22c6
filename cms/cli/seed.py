"""`cms seed`: load the content that comes with the program, and take the demo away again."""

from collections import Counter
from pathlib import Path

import click

import cms
from cms.cli.opening import in_app
from cms.database import transaction
from cms.importers import seeds
from cms.importers.seed_records import SeedSet
from cms.services import seeding

FOLDER = Path(cms.__file__).parent.parent / "seeds"
SITE, DEMO = "site", "demo"
PLURALS = {"category": "categories", "faq": "FAQs"}


@click.command()
@click.option("--demo", is_flag=True, help="Also load the demo, even if it was removed before.")
@click.option(
    "--remove-demo",
    is_flag=True,
    help="Take away what the demo made, with your changes to it and what readers said there.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=FOLDER,
    show_default="seeds/ of this program",
    help="Where the seed files are; the demo is in its folder demo/.",
)
@in_app
def seed(demo: bool, remove_demo: bool, folder: Path) -> None:
    """Load the seed content.

    Nothing is loaded twice, and nothing that an editor changed is touched.
    """
    if demo and remove_demo:
        raise click.UsageError("Choose one of --demo and --remove-demo.")
    if remove_demo:
        take_demo_away()
        return
    if not load(folder, with_demo=demo, again=demo):
        click.echo("Everything was loaded before; nothing was changed.")


def load(folder: Path, *, with_demo: bool, again: bool = False) -> bool:
    """Load the site's seeds, and the demo's, where something is missing; say whether it was.

    `again` loads a demo that was removed, too. Raises ClickException where there are no seeds.
    """
    wanted = {SITE: seeds.read(folder)}
    if with_demo:
        wanted[DEMO] = seeds.read(folder / "demo", known=wanted[SITE])
    if all(one == SeedSet() for one in wanted.values()):
        raise click.ClickException(f"{folder} holds no seed files.")
    # Only now that everything could be read.
    if again:
        with transaction():
            seeding.allow_again(DEMO)
    loaded = [load_set(name, content) for name, content in wanted.items()]
    return any(loaded)


def load_set(name: str, content: SeedSet) -> bool:
    if seeding.is_loaded(name, content):
        return False
    with transaction():
        made = seeding.load_content(name, content)
    with transaction():
        made += seeding.load_comments(name, content)
    click.echo(f"Loaded the {name}: {listed(made)}.")
    return True


def take_demo_away() -> None:
    with transaction():
        removed = seeding.remove(DEMO)
    readers = removed.pop("reader comment", 0)
    click.echo(f"Removed the demo: {listed(removed)}.")
    if readers:
        click.echo(
            f"With it went {readers} of your readers' comments:"
            " they were on its posts, or answered its comments."
        )


def listed(counts: Counter[str]) -> str:
    """`6 tags, 1 post`."""
    parts = [
        f"{count} {kind.replace('faq', 'FAQ') if count == 1 else PLURALS.get(kind, kind + 's')}"
        for kind, count in counts.items()
        if count
    ]
    return ", ".join(parts) or "nothing"
