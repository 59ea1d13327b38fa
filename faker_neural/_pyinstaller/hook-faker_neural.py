"""The files and modules that a frozen program needs, which no import statement names."""  # noqa: N999

from PyInstaller.utils.hooks import (  # type: ignore[import-untyped]
    collect_data_files,
    collect_submodules,
)

_COMMANDS = ("faker_neural.cli", "faker_neural.seeding", "faker_neural.integrations")

datas = collect_data_files("faker_neural", excludes=["_pyinstaller"])  # models, offensive words
hiddenimports = collect_submodules(  # `faker_neural.Provider` is imported by a name in a text
    "faker_neural", filter=lambda name: not name.startswith((*_COMMANDS, "faker_neural._pyinst"))
)
