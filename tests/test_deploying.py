"""The files by which the register is deployed agree with each other and with the commands that there are."""

import os
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from config.deploy.app import forget_counts, read_usual
from config.deploy.nginx import NAME, TEMPLATE, USUAL, fill_in
from tests.programs import need

FOLDER = Path(settings.BASE_DIR) / "config" / "deploy"
GIVEN = {"SITE_URL": "https://register.example.org", "CERTIFICATE": "/tls/all.pem", "CERTIFICATE_KEY": "/tls/key.pem"}
UNITS = sorted((FOLDER / "systemd").iterdir())
TIMERS = {path.name: path.read_text() for path in UNITS if path.suffix == ".timer"}


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


def test_the_configuration_of_nginx_has_no_name_left_open():
    filled = fill_in(GIVEN)
    assert "${" not in filled
    assert "server_name register.example.org;" in filled
    assert 'proxy_cache_key "https register.example.org ' in filled


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"SITE_URL": "http://register.example.org"}, "SITE_URL must be the public address"),
        ({"CERTIFICATE": ""}, "CERTIFICATE must be one plain word"),
        ({"CACHE_DIR": "/tmp; return 200"}, "CACHE_DIR must be one plain word"),  # noqa: S108
    ],
)
def test_a_value_that_would_write_another_configuration_is_refused_in_a_sentence(given, sentence):
    with pytest.raises(ValueError, match=sentence):
        fill_in(GIVEN | given)


def test_nginx_reads_the_headers_of_every_answer_from_one_place():
    """An `add_header` in a server or location would put those of all others out of force there."""
    levels = [len(line) - len(line.lstrip()) for line in TEMPLATE.read_text().splitlines() if "add_header " in line]
    assert set(levels) <= {4}


def test_containers_give_nginx_every_name_of_its_template(compose):
    image = (FOLDER / "Dockerfile").read_text().rpartition("AS front")[2]
    given = set(re.findall(r"\b([A-Z_]+)=", image)) | set(compose["services"]["front"]["environment"])
    named = set(NAME.findall(TEMPLATE.read_text()))
    assert named <= given
    assert named - set(USUAL) == {"CERTIFICATE", "CERTIFICATE_KEY", "SITE_HOST", "SITE_NETLOC"}


def test_both_shapes_do_the_same_jobs_with_commands_that_exist(compose):
    commands = [" ".join(map(str, service.get("command", []))) for service in compose["services"].values()]
    looped = {name for command in commands if "sleep" in command for name in re.findall(r"manage\.py (\w+)", command)}
    timed = {re.search(r"Unit=register@(\w+)\.service", text)[1] for text in TIMERS.values()}
    assert looped == timed
    assert timed | set(re.findall(r"manage\.py (\w+)", " ".join(commands))) <= set(get_commands())


def test_the_modules_that_they_start_exist(compose):
    texts = [path.read_text() for path in (*UNITS, FOLDER / "Dockerfile", FOLDER / "README.md")]
    texts += [" ".join(service.get("healthcheck", {}).get("test", [])) for service in compose["services"].values()]
    started = set(re.findall(r"-m[\", ]+(config[\w.]+)", " ".join(texts)))
    assert started >= {"config.deploy.app", "config.deploy.nginx", "config.deploy.ready", "config.venv"}
    assert {name for name in started if not (FOLDER.parent.parent / f"{name.replace('.', '/')}.py").exists()} == set()


def test_only_nginx_is_reached_from_outside_and_never_by_the_port_for_machines(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["front"]
    assert compose["services"]["front"]["ports"] == ["80:80", "443:443"]
    assert compose["networks"]["inside"]["internal"] is True
    assert [name for name, each in compose["services"].items() if "outside" in each["networks"]] == ["front"]


def test_the_numbers_are_for_machines_inside_alone(compose):
    numbers, app = compose["services"]["metrics"], compose["services"]["app"]
    assert numbers["command"] == ["python", "manage.py", "serve_metrics"]
    assert ("ports" in numbers, "expose" in numbers, list(numbers["networks"])) == (False, False, ["inside"])
    address = numbers["networks"]["inside"]["ipv4_address"]
    assert {each["environment"]["METRICS_ADDRESS"] for each in (numbers, app)} == {f"{address}:9100"}
    (given,) = compose["networks"]["inside"]["ipam"]["config"]
    assert ip_address(address) in ip_network(given["subnet"])
    assert ip_address(address) not in ip_network(given["ip_range"])  # which others are given from
    assert ip_network(given["subnet"]).is_private
    # Both count into, and read from, one folder.
    assert "var:/srv/register/var" in numbers["volumes"]
    assert "var:/srv/register/var" in app["volumes"]


def test_nginx_has_no_way_to_the_numbers():
    template = TEMPLATE.read_text()
    assert "9100" not in template
    outside, inside = template.split("listen ${INSIDE_LISTEN};")
    assert "location ~ ^/(livez|readyz|metrics)/?$ {\n            return 404;" in outside
    assert "metrics" not in inside


def test_an_app_that_starts_begins_to_count_anew(tmp_path: Path):
    for name in ("counter_7.db", "histogram_7.db", "README"):
        (tmp_path / name).touch()
    forget_counts(tmp_path)
    forget_counts(tmp_path / "nowhere")
    assert [path.name for path in tmp_path.iterdir()] == ["README"]


def test_no_secret_stands_in_a_file():
    for path in (FOLDER / "compose.yaml", FOLDER / "Dockerfile", FOLDER / "granian.env", *UNITS):
        assert not re.search(r"(?<!\{)\b(?:\w*PASSWORD|SECRET_KEY|LOG_KEY)[:=]\s*(?!\$\{)\S", path.read_text()), path


def test_granian_is_told_by_names_that_it_knows():
    help_text = subprocess.run(
        [sys.executable, "-m", "granian", "--help"], capture_output=True, text=True, check=True
    ).stdout
    known = set(re.findall(r"GRANIAN_\w+", help_text))
    assert set(read_usual()) <= known


def test_systemd_can_read_its_units(tmp_path: Path):
    program = need("systemd-analyze")
    for path in UNITS:
        text = path.read_text().replace("/srv/register/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    names = [str(tmp_path / path.name) for path in UNITS]
    done = subprocess.run([program, "verify", *names], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (0, "")
