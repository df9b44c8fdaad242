"""The figures of late interest that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

_EU = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip

INTEREST_POLICY: Mapping[str, Figure] = {
    "interest.countries": Figure(
        {**dict.fromkeys(_EU, "eu"), "CN": "china", "GB": "uk"},
        CHECK + "the law of late interest that rules the debts of each country.",
    ),
    "interest.elsewhere": Figure("elsewhere", CHECK + "the law of late interest for every other country."),
    "interest.jurisdictions": Figure(
        {
            "eu": [
                {
                    "from": "2002-08-08",
                    "reference": "ecb_rate",
                    "points": "7",
                    "fixing": "half_year_start",
                    "follows": "each_day",
                },
                {
                    "from": "2013-03-16",
                    "reference": "ecb_rate",
                    "points": "8",
                    "fixing": "half_year_start",
                    "follows": "each_day",
                    "fees": [[None, "40"]],
                    "fee_currency": "EUR",
                },
            ],
            "uk": [
                {
                    "from": "2002-08-07",
                    "reference": "bank_rate",
                    "points": "8",
                    "fixing": "half_year_eve",
                    "follows": "first_day",
                    "fees": [["1000", "40"], ["10000", "70"], [None, "100"]],
                    "fee_currency": "GBP",
                }
            ],
            "china": [
                {
                    "from": "2019-08-20",
                    "reference": "lpr",
                    "factor": "1.3",
                    "fixing": "day",
                    "follows": "first_day",
                    "small_daily": "0.05",
                }
            ],
            "elsewhere": [{"from": "1990-01-01", "rate": "5"}],
        },
        RULES
        + "EU: reference rate + 8 points, EUR 40 per invoice; UK: Bank Rate + 8 %, fixed per half-year, GBP 40 / 70 /"
        " 100; China: agreed rate, else 1-year LPR at the breach × 1.3 to 1.5. (check) Elsewhere 5 % without a fee.",
    ),
    "interest.ecb_rate": Figure(
        {
            "2011-12-14": "1.00",
            "2012-07-11": "0.75",
            "2013-05-08": "0.50",
            "2013-11-13": "0.25",
            "2014-06-11": "0.15",
            "2014-09-10": "0.05",
            "2016-03-16": "0.00",
            "2018-01-01": "0.00",
            "2020-01-01": "0.00",
            "2022-01-01": "0.00",
            "2022-07-27": "0.50",
            "2022-09-14": "1.25",
            "2022-11-02": "2.00",
            "2022-12-21": "2.50",
            "2023-02-08": "3.00",
            "2023-03-22": "3.50",
            "2023-05-10": "3.75",
            "2023-06-21": "4.00",
            "2023-08-02": "4.25",
            "2023-09-20": "4.50",
            "2024-06-12": "4.25",
            "2024-09-18": "3.65",
            "2024-10-23": "3.40",
            "2024-12-18": "3.15",
            "2025-02-05": "2.90",
            "2025-03-12": "2.65",
            "2025-04-23": "2.40",
            "2025-06-11": "2.15",
        },
        CHECK
        + "the European Central Bank's rate of main refinancing operations, per cent, from each day on.",
    ),
    "interest.bank_rate": Figure(
        {
            "2011-12-31": "0.50",
            "2013-12-31": "0.50",
            "2015-12-31": "0.50",
            "2016-08-04": "0.25",
            "2017-11-02": "0.50",
            "2018-08-02": "0.75",
            "2020-03-11": "0.25",
            "2020-03-19": "0.10",
            "2021-12-16": "0.25",
            "2022-02-03": "0.50",
            "2022-03-17": "0.75",
            "2022-05-05": "1.00",
            "2022-06-16": "1.25",
            "2022-08-04": "1.75",
            "2022-09-22": "2.25",
            "2022-11-03": "3.00",
            "2022-12-15": "3.50",
            "2023-02-02": "4.00",
            "2023-03-23": "4.25",
            "2023-05-11": "4.50",
            "2023-06-22": "5.00",
            "2023-08-03": "5.25",
            "2024-08-01": "5.00",
            "2024-11-07": "4.75",
            "2025-02-06": "4.50",
            "2025-05-08": "4.25",
            "2025-08-07": "4.00",
            "2025-12-18": "3.75",
        },
        CHECK + "the Bank of England's Bank Rate, per cent, from each day on.",
    ),
    "interest.lpr": Figure(
        {
            "2019-08-20": "4.25",
            "2019-09-20": "4.20",
            "2019-11-20": "4.15",
            "2020-02-20": "4.05",
            "2020-04-20": "3.85",
            "2021-12-20": "3.80",
            "2022-01-20": "3.70",
            "2022-08-22": "3.65",
            "2023-06-20": "3.55",
            "2023-08-21": "3.45",
            "2024-07-22": "3.35",
            "2024-10-21": "3.10",
            "2025-05-20": "3.00",
        },
        CHECK + "China's loan prime rate of one year, per cent, from each day on.",
    ),
    "interest.terms_days": Figure(14, CHECK + "days until late interest and fees that were claimed are due."),
    "interest.confirmed_days": Figure(
        730,
        CHECK
        + "days after which a reference rate is not used until it is entered again, changed or not, as still in force.",
    ),
}
