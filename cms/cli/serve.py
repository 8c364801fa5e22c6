"""`cms serve`, and `cms run`, which prepares everything first."""

import click

from cms.cli import first, seed, serving, succession, welcome
from cms.cli.opening import any_schema, opened
from cms.config import Config, unknown_names


@click.command()
def serve() -> None:
    """Serve the site until Ctrl-C or SIGTERM.

    SIGUSR2 has a new program take over, with the code that is installed by then; no request
    fails meanwhile.

    One server at a time may use a data folder. Settings come from the environment: PORT,
    CMS_HOST, CMS_WORKERS, CMS_THREADS, CMS_METRICS_PORT, CMS_LOG.
    """
    succession.not_yet()
    config = _settings()
    with serving.data_folder_held(config):
        config = serving.with_free_ports(config)
        with opened(config):
            pass
        succession.serve(config, lambda: click.echo(f"Serving on {serving.address_of(config)}"))
    click.echo("Stopped.")


@click.command()
@click.option("--demo/--no-demo", default=True, help="Whether to load the demo content.")
def run(demo: bool) -> None:
    """Prepare what is missing, load the seeds, and serve.

    The same as `init`, `db upgrade`, `seed` (with the demo, unless it was removed) and `serve`. A
    second run changes nothing.
    """
    succession.not_yet()
    config = _settings()
    first.make_folder(config)
    with serving.data_folder_held(config):
        config = serving.with_free_ports(config)
        with any_schema(config):
            first.prepare(config)
            seed.load(seed.FOLDER, with_demo=demo)
            greeting = welcome.text(config)
        succession.serve(config, lambda: click.echo(greeting))
    click.echo("Stopped.")


def _settings() -> Config:
    """The settings. A name that is none of them is told, and does not keep a site from starting."""
    for warning in unknown_names():
        click.echo(f"Warning: {warning}", err=True)
    return Config.from_env()
