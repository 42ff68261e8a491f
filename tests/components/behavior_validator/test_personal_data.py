"""What counts as personal data, and what only looks like it."""

import numpy as np
import pyarrow as pa
import pytest

from components.behavior_validator.personal_data import find_personal_data
from components.behavior_validator.personal_data import mask_personal_data
from components.behavior_validator.personal_data import select_personal_data


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("emails", "write to a.b+c@mail.example.co.uk."),
        ("phone_numbers", "ring +44 20 7946 0958"),
        ("phone_numbers", "ring +49 (30) 901820"),
        ("phone_numbers", "ring 212-555-0187."),
        ("phone_numbers", "ring (212) 555-0187"),
        ("phone_numbers", "415-555-2671 after six"),
        ("phone_numbers", "650.253.0000"),
        ("phone_numbers", "tel:+1-650-253-0000"),
        # As each country writes them.
        ("phone_numbers", "appelle le +33 1 42 68 53 00"),
        ("phone_numbers", "+49 (0)30 901820"),
        ("phone_numbers", "+81-3-3224-9999"),
        ("phone_numbers", "\uff0b81 3 3224 9999"),
        ("phone_numbers", "+358 9 1234567"),
        ("phone_numbers", "+61 2 9374 4000"),
        ("phone_numbers", "+353 1 436 1000"),
        ("phone_numbers", "+972-2-530-3000"),
        ("phone_numbers", "+46 8 506 388 00"),
        ("phone_numbers", "+86 138 0013 8000"),
        ("phone_numbers", "+91 98765 43210"),
        # Test numbers that the card issuers publish.
        ("card_numbers", "4111111111111111"),
        ("card_numbers", "5555-5555-5555-4444"),
        ("card_numbers", "3782 822463 10005"),
        ("card_numbers", "30569309025904"),
        ("card_numbers", "6011111111111117"),
        ("card_numbers", "4012888888006"),  # 13 digits, and no EAN-13
        # The examples of the IBAN registry.
        ("bank_accounts", "pay to DE89370400440532013000, please"),
        ("bank_accounts", "GB29 NWBK 6016 1331 9268 19 by MONDAY"),
        ("bank_accounts", "NO93 8601 1117 947"),
    ],
)
def test_personal_data_is_found(kind, text):
    assert len(find_personal_data(text, kind)) == 1
    assert select_personal_data(pa.array(["", text]), kind).tolist() == [1]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("emails", "see you @ noon, user@localhost"),
        ("phone_numbers", "10,000 BC (2008), 1999-2000, 12:30, 555-0187"),
        ("phone_numbers", "id 2125550187, 1420070400000 ms"),
        ("phone_numbers", "+1 for this film"),
        ("phone_numbers", "score was +1000 2000 3000"),
        ("phone_numbers", "300-400-5000 points, SKU 222-333-4444"),
        ("phone_numbers", "+999 12345678, +44 0000 000000"),
        ("phone_numbers", "it costs +12 345 678 won"),
        ("phone_numbers", "call of duty 2001 200 200 2000"),
        ("phone_numbers", "ISBN 978-3-16-148410-0"),
        ("phone_numbers", "2021-09-27 10:22, 20240131 20240228"),
        ("phone_numbers", "from +40.7128 -74.0060, 192.168.100.200"),
        ("card_numbers", "4111111111111112"),  # wrong check digit
        ("card_numbers", "1234567812345670"),  # Luhn holds, no such issuer
        ("card_numbers", "94111111111111111"),  # part of a longer number
        ("card_numbers", "4006381333023"),  # EAN-13, and Luhn holds by chance
        ("card_numbers", "2001: A Space Odyssey"),
        ("bank_accounts", "DE89370400440532013001"),  # wrong check digits
        ("bank_accounts", "THE9 2001 SPACE ODYSSEY, ISBN 9783161484100"),
    ],
)
def test_what_only_looks_like_it_is_left_alone(kind, text):
    assert find_personal_data(text, kind) == []
    assert select_personal_data(pa.array([text]), kind).size == 0


def test_mask_leaves_too_little_to_use():
    text = "a.b@c.org, +44 20 7946 0958, 4111 1111 1111 1111, 7 films"
    assert mask_personal_data(text) == "a***@***, ***58, ***11, 7 films"


def test_positions_refer_to_the_whole_column():
    texts = pa.array(["a@b.org", "", "none", "c@d.org"], pa.large_string())
    found = select_personal_data(texts, "emails")
    np.testing.assert_array_equal(found, [0, 3])
