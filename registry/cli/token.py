"""Commands on API tokens: make, list, revoke."""

from datetime import timedelta

import click

from registry.cli import edge


@click.group()
def token() -> None:
    """Make and revoke the tokens of other systems."""


@token.command("add")
@click.option("--name", required=True, help="Which system it is for.")
@click.option("--right", "rights", multiple=True, required=True, help="Such as sites.read.")
@click.option("--territory", multiple=True, help="department:59, commune:02691, epci:200067742.")
@click.option("--network", "networks", multiple=True, help="From where only, such as 192.0.2.0/24.")
@click.option("--days", default=365, show_default=True, help="How long it lasts.")
@click.option("--write", is_flag=True, help="Without it the token only reads.")
@edge.as_json
def add_token(  # noqa: PLR0913 - one option for each thing that bounds a token
    name: str,
    rights: tuple[str, ...],
    territory: tuple[str, ...],
    networks: tuple[str, ...],
    days: int,
    *,
    write: bool,
    as_json: bool,
) -> None:
    """Make a token; its secret is printed once, and kept nowhere."""
    from registry import clock
    from registry.accounts.rules import Right, TokenOrder
    from registry.accounts.service import make_token
    from registry.db import session_scope

    now = clock.utc_now()
    expires_at = clock.whole_second(now + timedelta(days=max(-1, min(days, 10_000))))
    order = TokenOrder(name, rights, expires_at, territory, networks, read_only=not write)
    with edge.database(edge.settings()) as (_, sessions), session_scope(sessions) as session:
        made, secret = make_token(session, order, rights=frozenset(Right), at=now, actor="cli")
        number = made.id
    if as_json:
        edge.print_json({"id": number, "expires_at": expires_at.isoformat(), "token": secret})
    else:
        click.echo(secret)


@token.command("list")
@edge.as_json
def list_tokens(*, as_json: bool) -> None:
    """List the tokens, without their secrets."""
    from registry.accounts.queries import all_tokens

    with edge.database(edge.settings()) as (_, sessions), sessions() as session:
        found = all_tokens(session)
    lines = [
        {
            "id": each.id,
            "name": each.name,
            "prefix": each.prefix,
            "rights": each.rights,
            "expires_at": each.expires_at.isoformat(),
            "revoked": each.revoked_at is not None,
            "last_used_at": each.last_used_at.isoformat() if each.last_used_at else None,
        }
        for each in found
    ]
    if as_json:
        edge.print_json({"tokens": lines})
        return
    for line in lines:
        click.echo("  ".join(str(value) for value in line.values()))


@token.command("revoke")
@click.argument("number", type=int)
@edge.as_json
def revoke(number: int, *, as_json: bool) -> None:
    """Put an end to a token, by its number."""
    from registry import clock
    from registry.accounts.service import revoke_token
    from registry.db import session_scope

    with edge.database(edge.settings()) as (_, sessions), session_scope(sessions) as session:
        revoke_token(session, number, at=clock.utc_now(), actor="cli")
    if as_json:
        edge.print_json({"id": number, "revoked": True})
    else:
        french = edge.language() == "fr"
        click.echo(
            f"{'jeton' if french else 'token'} {number}: {'révoqué' if french else 'revoked'}"
        )
