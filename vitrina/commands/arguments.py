"""Arguments that several commands share, and what they resolve to."""

import argparse
from pathlib import Path

from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.processes.spec import read_settings

Subparsers = "argparse._SubParsersAction[argparse.ArgumentParser]"

DEFAULT_CONFIG = "site.toml"
DEFAULT_DATA = "./data"


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`, defaulting to ./site.toml where there is one."""
    parser.add_argument("--config", metavar="F", help=f"configuration file (default: ./{DEFAULT_CONFIG} if it exists)")


def add_data(parser: argparse.ArgumentParser) -> None:
    """`--data`, for commands that attach to an installation."""
    parser.add_argument("--data", metavar="DIR", help="data folder (default: the configuration's)")


def config_path(args: argparse.Namespace) -> str | None:
    """The configuration file that was named, or ./site.toml, or None."""
    if args.config is not None:
        if not Path(args.config).is_file():
            raise Failure(f"{args.config}: no such file", BAD_CONFIG)
        return str(Path(args.config).absolute())
    return str(Path(DEFAULT_CONFIG).absolute()) if Path(DEFAULT_CONFIG).is_file() else None


def required_config(args: argparse.Namespace) -> str:
    """The configuration file, for commands that cannot do without one."""
    path = config_path(args)
    if path is None:
        raise Failure(f"no configuration: pass --config F (there is no ./{DEFAULT_CONFIG})", BAD_CONFIG)
    return path


def read_text(path: str) -> str:
    """A UTF-8 file named on the command line; Failure when it cannot be read."""
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", BAD_CONFIG) from None
    except UnicodeDecodeError as error:
        raise Failure(f"{path}: is not UTF-8 (byte {error.start})", BAD_CONFIG) from None


def installation(args: argparse.Namespace) -> tuple[DataFolder, str]:
    """The data folder and Redis URL of the installation that a command attaches to."""
    path = config_path(args)
    settings = read_settings(path, None) if path else None
    data = args.data or (settings.data if settings else DEFAULT_DATA)
    folder = DataFolder(Path(data))
    if not folder.path.is_dir():
        raise Failure(f"data folder {folder.path}: no such folder; pass --data or --config", BAD_CONFIG)
    return folder, settings.redis.url if settings else "embedded"
