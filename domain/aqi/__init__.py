"""The air quality index after HJ 633-2012 and HJ 633-2026, each from its effective date (T01, X04).

`editions` has the tables and the dates, `index` one place's index of an hour or a day, `averages` the daily
values of hourly ones, `places` the values of townships, counties and the city, `standing` their order and the
same days of the year before.
"""

from domain.aqi.editions import Edition, Pollutant, edition_on
from domain.aqi.index import AirIndex, Level, daily_index, level_of, real_time_index

__all__ = [
    "AirIndex",
    "Edition",
    "Level",
    "Pollutant",
    "daily_index",
    "edition_on",
    "level_of",
    "real_time_index",
]
