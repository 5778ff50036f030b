"""Every table's base, and the engine that Flask-SQLAlchemy keeps for the application."""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Every table of every room."""

    type_annotation_map = {int: BigInteger}  # noqa: RUF012 - SQLAlchemy reads it so


db = SQLAlchemy(metadata=Base.metadata)
