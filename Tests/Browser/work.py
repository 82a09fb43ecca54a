"""What people do in MWDB, names chosen by strangers included, and the events that come of it."""

from support.spool import file_event

from receiver import HOSTILE

RIGHT_TO_LEFT = "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0633\u0644\u0627\u0645"
HUGE = int("9" * 301)
# Uploads beside those with a name in `work`: lists have to have more than one page.
MANY = 30


def work(mwdb, daemon):
    """Does it; the ids of the events that matter here, by what is special about them."""
    plain = mwdb.upload("invoice.exe", b"MZ plain")
    tagged = mwdb.upload(HOSTILE, b"MZ hostile", tags=[{"tag": HOSTILE}])
    long = mwdb.upload("A" * 10_000, b"MZ long", tags=[{"tag": RIGHT_TO_LEFT}])
    mwdb.call("POST", f"/file/{plain}/comment", {"comment": HOSTILE})
    define_attribute(mwdb)
    mwdb.call("POST", f"/file/{plain}/attribute", {"key": "hostile", "value": {HOSTILE: [HOSTILE]}})
    mwdb.call("POST", "/user/stranger", about_user())
    config = mwdb.upload_config("family", {"huge": HUGE, HOSTILE: HOSTILE})
    blob = mwdb.upload_blob(HOSTILE, "blob " + HOSTILE)
    made = {
        "plain": daemon.event("on_created_file", plain),
        "hostile": daemon.event("on_created_tag", tagged),
        "long": daemon.event("on_created_file", long),
        "rtl": daemon.event("on_created_tag", long),
        "comment": daemon.event("on_created_comment", plain),
        "attribute": daemon.event("on_created_attribute_key"),
        "value": daemon.event("on_created_attribute", plain),
        "user": daemon.event("on_created_user"),
        "config": daemon.event("on_created_config", config),
        "blob": daemon.event("on_created_text_blob", blob),
        "odd": post_odd(daemon),
    }
    for number in range(MANY):
        mwdb.upload(f"sample-{number}.exe", b"MZ %d" % number)
    return made


def settle(daemon, made):
    """Waits until everything has been tried once and nothing moves any more."""
    uploads = MANY + 4
    daemon.wait_state("refuser", "dead", uploads + 2, 60)
    daemon.wait_state("sandbox", "delivered", uploads - 1, 60)
    for name, plugin in (("plain", "down"), ("plain", "misplaced"), ("comment", "busy")):
        daemon.wait_for(lambda: daemon.delivery(f"{made[name]}/{plugin}")["attempts"], f"{name} tried by {plugin}")
    daemon.delivery(f"{made['config']}/binary", state="dead")
    daemon.delivery(f"{made['blob']}/careful", state="held")
    daemon.delivery(f"{made['plain']}/sandbox/1", state="delivered")
    daemon.wait_for(lambda: not daemon.deliveries(plugin="mwdb", state="ready"), "the write-backs")


def define_attribute(mwdb):
    """Defines the key `hostile`. Keys themselves are letters and digits in MWDB, labels at most 64 characters."""
    texts = dict.fromkeys(("url_template", "rich_template", "example_value"), "")
    mwdb.call("POST", "/attribute", {"key": "hostile", "label": HOSTILE[:64], "description": HOSTILE, "hidden": False, **texts})


def about_user():
    return {"email": "s@mwdb.example", "additional_info": HOSTILE, "feed_quality": "high", "send_email": False}


def post_odd(daemon):
    """An event that no MWDB makes: it reduces file names to plain ASCII, logins to letters, digits, dots and dashes, ids
    are hashes, and names of fields are its own. The daemon takes events from others too (POST /api/events)."""
    strange = "../../" + HOSTILE
    event = file_event(b"MZ odd", actor=HOSTILE, name=HOSTILE, id=strange, sha256=strange, **{HOSTILE: HOSTILE})
    answer = daemon.post(event)
    assert answer.status == 202, answer
    return event["id"]
