"""The group roles of the database: one for each role of the rights table, one for the program itself."""

from domain.people import Role

ENGINE = "qingshao_engine"
"""Services that act for nobody: imports, feeds, the sweep, the seal."""

GROUPS: dict[Role, str] = {role: f"qingshao_{role.value}" for role in Role if role is not Role.SYSTEM}
"""The group role that a person's login role is a member of."""
