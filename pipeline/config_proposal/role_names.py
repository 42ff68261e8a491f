"""Names that people give to columns, by the role they play."""

import re

# The first role that a name fits is tried first. A name is compared without
# signs and in small letters; those of one role stand from best to worst.
_NAMES = {
    "user_id": (
        "userid user uid customerid customer visitorid visitor reviewerid "
        "memberid accountid clientid client buyerid shopperid personid "
        "listenerid profileid cookieid deviceid uuid usr userno buyer "
        "customernumber customerno fullvisitorid usersession reader member "
        "username login email kunde kundennummer kundennr nutzer benutzer "
        "cliente usuario utilisateur"
    ),
    "item_id": (
        "itemid item iid productid product sku asin parentasin movieid movie "
        "artistid artist songid song trackid track bookid isbn isbn10 isbn13 "
        "articleid article newsid news contentid videoid gameid offerid "
        "hotelid restaurantid businessid recipeid courseid jobid adid goodsid "
        "goodid stockcode showid animeid courseid podcastid albumid ean gtin "
        "docid documentid listingid variantid materialid dishid poiid artnr "
        "artikel artikelnummer artikelnr produkt producto produit articulo"
    ),
    "timestamp": (
        "timestamp unixreviewtime eventtime eventtimestamp time ts datetime "
        "date createdat at when occurredat reviewtime reviewdate purchasedate "
        "orderdate invoicedate visittime ratedat playedat watchedat on day "
        "eventdate clicktime unixtime timestampms timeutc datum created"
    ),
    "event_type": (
        "eventtype event type action behavior behaviour interaction eventname "
        "behaviortype kind what interactiontype activity actiontype"
    ),
    "value": (
        "rating overall stars score rate value weight playcount plays count "
        "playtime listens numplays hours hoursplayed ratingvalue stars5 "
        "watchratio quantity qty amount duration dwelltime userrating"
    ),
    "text": "reviewtext text comment review query search utterance body",
    "session_id": "sessionid session sid visitid",
}
_ITEM_NAMES = {
    "title": (
        "title name productname producttitle movietitle itemname headline "
        "productdisplayname artistname booktitle itemtitle displayname label "
        "songtitle trackname songname newstitle primarytitle gamename "
        "originaltitle movietitles itemtext productdescriptionshort names"
    ),
    "description": (
        "description plot overview desc abstract synopsis longdescription "
        "about content body text details omdbplot productdescription "
        "shortdescription itemdescription"
    ),
    "categories": (
        "genres genre categories category tags cat subjects department "
        "maincat maincategory categoryname topics topic categoryid subcategory "
        "categorycode producttype class omdbgenre itemtype section brand"
    ),
    "price": "price listprice unitprice cost saleprice currentprice amount",
    "created_at": (
        "createdat releasedate released year releaseyear publishdate "
        "publicationdate pubdate publishedat publicationyear date startyear "
        "yearofpublication uploaddate launchdate omdbreleased"
    ),
    "image_url": (
        "imageurl image poster posterurl thumbnail thumbnailurl pictureurl "
        "imurl cover coverurl img imgurl imageurll smallimageurl "
        "imageurlhighres"
    ),
}
_PLAIN_IDS = ("id", "index", "key", "no", "number")
_LABELS = (
    "label clicked click isclick isclicked clickedornot liked islike target"
)
SENSITIVE = [
    "gender",
    "sex",
    "age",
    "agegroup",
    "birthyear",
    "birthdate",
    "race",
    "ethnicity",
    "religion",
    "nationality",
    "disability",
    "income",
    "maritalstatus",
    "orientation",
]
_MIN_ENDING = 6  # letters of a name that may stand at the end of another
_TYPE_SUFFIX = re.compile(r":(token|token_seq|float|float_seq)$")


def normalise(name: str) -> str:
    """Returns a name in small letters, without signs and types."""
    return re.sub(r"[^a-z0-9]", "", _TYPE_SUFFIX.sub("", name).lower())


def rank_event_role(name: str, role: str) -> int | None:
    """Returns how well a name fits a role of events: 0 = best; None = not."""
    return _find(_NAMES[role], name)


def rank_item_role(name: str, role: str) -> int | None:
    """As `rank_event_role`, of items."""
    return _find(_ITEM_NAMES[role], name)


def is_label_name(name: str) -> bool:
    """Tells whether a column of 0 and 1 says what was clicked."""
    return _find(_LABELS, name) is not None


def is_user_name(name: str) -> bool:
    """Tells whether a column may hold the ids of a table of users."""
    is_plain = normalise(name) in _PLAIN_IDS
    return is_plain or _find(_NAMES["user_id"], name) is not None


def is_known_name(name: str) -> bool:
    """Tells whether a name is one of any role."""
    return any(
        _find(names, name) is not None
        for names in (*_NAMES.values(), *_ITEM_NAMES.values(), _LABELS)
    )


def _find(names: str, name: str) -> int | None:
    known = names.split()
    plain = normalise(name)
    if plain in known:
        return known.index(plain)
    # Such as fk_user_id, which is none of the names but ends as one.
    long = [one for one in known if len(one) >= _MIN_ENDING]
    ends = [one for one in long if plain.endswith(one) and one.endswith("id")]
    return len(known) + known.index(ends[0]) if ends else None
