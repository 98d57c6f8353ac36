"""The kinds of path segment that the routes name."""

from starlette.convertors import Convertor, register_url_convertor


class _Text(Convertor[str]):
    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class VersionConvertor(_Text):
    regex = r"v[0-9]+\.[0-9]+"


class DigitsConvertor(_Text):
    regex = r"[0-9]{5,20}"


def register() -> None:
    register_url_convertor("graph_version", VersionConvertor())
    register_url_convertor("digits", DigitsConvertor())
