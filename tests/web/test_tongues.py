"""Templates put in what is constant in a language; what they write is what they would have looked up."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.tongues import Tongues

TONGUES = ("en", "zh_Hans", "zh_Hant")
SNIPPETS = (
    "{{ _('Which cake shall it be?') }}",
    "{{ _('Nobody has ever <translated> this & that 5%%') }}",
    "{{ _('from %(price)s', price=price) }}",
    "{{ _('%(n)d inch', n=8) }} {{ _('%(n)d inch', n=count) }}",
    "{{ _('Contains: %(list)s', list=price) }}|{{ _('Contains: %(list)s', list=price|upper) }}",
    "{% set said = _('from %(price)s', price=price) %}{{ said }}{{ said|length }}",
    "{{ _(late) }}{{ _('None of the allergens on our list') ~ '<' }}",
    "{{ ngettext('%(num)d cake', '%(num)d cakes', count) }}",
    "{{ language() }} {{ html_lang() }} {{ url_for('doorway.signpost') }} {{ asset('kiosk.css') }}",
    "{% from 'shared/_icon.html' import icon %}{{ icon('check') }}{{ icon('clock', 'it <is> late') }}{{ icon(late) }}",
    "{% macro icon(name) %}[{{ name }}]{% endmacro %}{{ icon('check') }}",
    "{% macro both(words) %}<b>{{ words }}</b>{% endmacro %}{{ both(_('Back')) }}{{ both(words=_('Back')) }}",
)
"""What pages write; ``late`` is known only when a page is rendered."""


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_page_says_what_it_would_have_looked_up(app: Flask, snippet: str, tongue: str) -> None:
    environment = app.jinja_env
    assert isinstance(environment, Tongues)
    values = {"price": "<¥268>", "count": 3, "late": "Back"}
    with app.test_request_context("/", headers={"Cookie": f"fs_language={tongue}"}):
        put_in = environment.speaking(tongue).from_string(snippet).render(values)
        assert put_in == environment.from_string(snippet).render(values)


def test_a_sentence_is_looked_up_once_and_a_value_each_time(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "fs_language=en"}):
        assert isinstance(app.jinja_env, Tongues)
        code = app.jinja_env.speaking("en").compile("{{ _('from %(price)s', price=price) }}", raw=True)
    assert "from " in code and "%(price)s" not in code and "gettext" not in code


def test_one_browser_after_the_other_reads_its_own_language(client: FlaskClient) -> None:
    for tongue, words in (("en", "Sign in"), ("zh-Hant", "登入"), ("zh-Hans", "登录"), ("en", "Sign in")):
        client.set_cookie("fs_language", tongue)
        page = client.get("/sign-in").get_data(as_text=True)
        assert words in page and f'lang="{tongue}"' in page


def test_the_live_address_is_on_the_host_by_which_a_browser_calls_the_shop(app: Flask) -> None:
    environment = app.jinja_env
    assert isinstance(environment, Tongues)
    with app.test_request_context("/", base_url="http://127.0.0.1:8000"):
        template = environment.speaking("en").from_string("{{ url_for('admin.orders_live') }}")
        assert template.render() == "ws://127.0.0.1:8000/admin/orders/live"
    with app.test_request_context("/", base_url="http://192.168.1.5:8000"):
        assert template.render() == "ws://192.168.1.5:8000/admin/orders/live"
