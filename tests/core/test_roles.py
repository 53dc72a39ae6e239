"""The four roles: what they are, and that a running platform keeps its passwords unless new ones are asked for."""

import psycopg
import pytest
from sqlalchemy import create_engine

from app.core.engines import discovering, options, probing
from app.core.roles import ROLES, BadName, RolesExist, init
from app.settings_reading import driver_url
from deploy.stack import DATABASE as LOCAL
from tests.platform import Platform
from tests.tables import let_through

DATABASE = "roles_of_their_own"


def test_a_name_that_would_need_quoting_is_refused(platform: Platform) -> None:
    names = ["", "Hospital", "a-b", "a b", 'a"; DROP DATABASE x; --', "1a", "a" * 42, "a\n"]
    assert let_through(lambda name: init(platform.admin, name), names, BadName, "lower-case") == set()


def test_no_role_is_above_the_wall(platform: Platform) -> None:
    with platform.connection() as admin:
        found = admin.execute(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit, "
            "rolcanlogin FROM pg_roles WHERE rolname LIKE %s",
            [f"{LOCAL}_%"],
        ).fetchall()
        members = admin.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE %s",
            [f"{LOCAL}_%"],
        ).fetchall()
    assert sorted(found) == sorted((f"{LOCAL}_{name}", False, True) for name in ROLES)
    assert members == [(0,)]


def test_making_them_again_is_refused_and_shuts_nobody_out(platform: Platform) -> None:
    made = init(platform.admin, DATABASE, new_passwords=True)
    with pytest.raises(RolesExist, match=f"{DATABASE}_app"):
        init(platform.admin, DATABASE)
    for name in ROLES:
        with psycopg.connect(made[name]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_is_read_is_in_utc_whatever_the_role_has(platform: Platform) -> None:
    """Two moments of one zone with summer time are compared by what its clocks show, an hour wrong twice a year."""
    made = init(platform.admin, DATABASE, new_passwords=True)
    with psycopg.connect(platform.admin) as admin:
        admin.execute(f"ALTER ROLE {DATABASE}_app SET timezone TO 'America/New_York'")
    url = driver_url(made["app"])
    for engine in (probing(url), discovering(url), create_engine(url, **options(1))):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"
        engine.dispose()


def test_one_role_that_exists_is_enough_to_change_nothing(platform: Platform) -> None:
    with psycopg.connect(platform.admin) as admin:
        admin.execute("DROP ROLE IF EXISTS left_over_sealer")
        admin.execute("CREATE ROLE left_over_sealer")
        admin.commit()
        with pytest.raises(RolesExist, match="left_over_sealer"):
            init(platform.admin, "left_over")
        assert admin.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'left_over%'").fetchall() == [
            ("left_over_sealer",)
        ]
        assert admin.execute("SELECT 1 FROM pg_database WHERE datname = 'left_over'").fetchall() == []


def test_making_them_again_gives_fresh_passwords_where_asked(platform: Platform) -> None:
    first = init(platform.admin, DATABASE, new_passwords=True)
    second = init(platform.admin, DATABASE, new_passwords=True)
    for name in ROLES:
        assert first[name] != second[name]
        with psycopg.connect(second[name]) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (f"{DATABASE}_{name}",)


def test_a_role_does_not_enter_another_database(platform: Platform) -> None:
    strangers = init(platform.admin, DATABASE, new_passwords=True)
    for name in ROLES:
        at = strangers[name].rpartition("/")[0] + f"/{LOCAL}"
        with pytest.raises(psycopg.OperationalError, match=r"permission denied|pg_hba|authentication"):
            psycopg.connect(at)
