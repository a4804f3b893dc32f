"""Arguments that several commands share, and what they resolve to.

`VITRINA_CONFIG` and `VITRINA_DATA` in the environment stand for `--config` and `--data` where those are not given; a
file that is named on the command line brings its own data folder.
"""

import argparse
import os
from pathlib import Path

from config.errors import ConfigError
from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.processes.spec import read_settings

DEFAULT_CONFIG = "site.toml"
DEFAULT_DATA = "./data"
CONFIG_VARIABLE = "VITRINA_CONFIG"
DATA_VARIABLE = "VITRINA_DATA"
_CONFIG_DEFAULT = f"{CONFIG_VARIABLE} in the environment, else ./{DEFAULT_CONFIG} if it exists"


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`, defaulting to ./site.toml where there is one."""
    parser.add_argument("--config", metavar="F", help=f"configuration file (default: {_CONFIG_DEFAULT})")


def add_data(parser: argparse.ArgumentParser) -> None:
    """`--data`, for commands that attach to an installation."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        help=f"data folder (default: {DATA_VARIABLE} in the environment, else the configuration's)",
    )


def config_path(args: argparse.Namespace) -> str | None:
    """The configuration file that was named, or ./site.toml, or None."""
    named = args.config if args.config is not None else os.environ.get(CONFIG_VARIABLE)
    if named is not None:
        if not Path(named).is_file():
            raise Failure(f"{named}: no such file", BAD_CONFIG)
        return str(Path(named).absolute())
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


def data_path(args: argparse.Namespace) -> str | None:
    """The data folder that was named, or None: it is the configuration's."""
    if args.data is not None:
        return str(args.data)
    return os.environ.get(DATA_VARIABLE) if args.config is None else None


def installation(args: argparse.Namespace) -> tuple[DataFolder, str]:
    """The data folder and Redis URL of the installation that a command attaches to."""
    path = config_path(args)
    settings = read_settings(path, None) if path else None
    data = data_path(args) or (settings.data if settings else DEFAULT_DATA)
    return _existing(data), settings.redis.url if settings else "embedded"


def running_folder(args: argparse.Namespace) -> DataFolder:
    """The data folder alone: whoever switches off or puts right must not be held up by what is wrong in the file."""
    data = data_path(args)
    if data is None and (path := config_path(args)) is not None:
        try:
            data = read_settings(path, None).data
        except ConfigError as error:
            if error.readable is None:
                raise
            data = error.readable.data
    return _existing(data if data is not None else DEFAULT_DATA)


def _existing(data: str) -> DataFolder:
    folder = DataFolder(Path(data))
    if not folder.path.is_dir():
        raise Failure(f"data folder {folder.path}: no such folder; pass --data or --config", BAD_CONFIG)
    return folder
