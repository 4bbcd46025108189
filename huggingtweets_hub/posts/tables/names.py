"""What the names of columns and keys mean: one table of synonyms for each meaning.

Names are folded first: case, blanks and `_ - . / : #` do not count. So `user.screen_name`, `User Screen Name`
and the key `screenName` in an object `user` are one name, `userscreenname`, in a CSV as in nested JSON.

They are those of the X API v1.1 and v2 and its GraphQL objects, of twarc 1 and 2, rtweet, twitteR, TAGS,
snscrape, twscrape, twint, Scweet, Apify's and twitterapi.io's scrapers, gallery-dl, Hydrator, collectors for
the academic API, X's own analytics exports, Mastodon and Misskey.
"""

import functools
import re

from huggingtweets_hub.posts.tables import time_names
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning, Sense

_IGNORED = re.compile(r"[\s_\-.,/:#?!()\[\]@*'\"]+")
_INDEX = re.compile(r"(?<=[a-z])\d+(?=[a-z])")
_WRAPPED = re.compile(r"legacy|core|results?")
_FLAT = re.compile("data|(?:post)?record")  # in front of the names in it, where objects were made columns
_LONGEST = 80  # characters; beyond, a name has no meaning; nor has a number
_WHO = "user|author|account|from|owner|creator|poster|tweeter|actor|sender|twitter|tweet|post|profile|x"
_PLAIN_TEXT = re.compile(
    "(?:tweets?|posts?|status|note|raw|original|embedded|text|message|body|content|my)*"
    "(?:texts?|tweets?|contents?|messages?|body|posts?|text(?:body|content))(?:raw|original|orig|full)?"
)
_DERIVED_TEXT = re.compile(
    "(?:(?:pre)?process(?:ed)?|clean(?:ed)?|normali[sz]ed|final|stripped|lemmati[sz]ed|tokeni[sz]ed|translated)"
    "(?:tweets?|texts?|content|posts?|message)(?:text|tweet|content)?"
    "|(?:tweets?|texts?|content|posts?|message)(?:text|tweet)?(?:clean(?:ed)?|(?:pre)?processed|normali[sz]ed)"
)
_TEXT_OF_TWEET = re.compile(
    "(?:text|content|texte|texto|testo|tekst|contenu|contenido|contenuto|conteúdo|inhalt)(?:of|du|del|des|do|de|van)?"
    "(?:the)?(?:tweets?|posts?|message|publicación|publication|comment|commentaire|commento|coment[aá]rio"
    "|komentarza)|(?:tweet|post)inhalt|kommentartext|reactietekst|текст(?:комментария|поста|твита)|コメントのテキスト|评论内容"
)
_WHOLE_TEXTS = ("notetweettext", "notetweetnotetweettext", "noteposttext",
                "extendedtweetfulltext", "fulltext", "tweetfulltext", "postfulltext",
                "rawcontent", "embeddedtext", "longobjectbody")  # fmt: skip
_MORE_TEXTS = {"hitsentence", "outboundpost", "sharecommentary", "selftext", "statusupdate", "fulltweet"}
_PERHAPS_TEXTS = {
    "status", "renderedcontent", "html", "bodyhtml", "contenthtml", "msg", "caption", "comment", "texto",
    "tuit", "mensaje", "contenido", "mensagem", "conteúdo", "texte", "contenu", "testo", "tekst",
    "inhalt", "beitrag", "nachricht", "bericht", "текст", "твит", "النص", "本文", "ツイート", "投稿", "推文",
    "正文", "微博正文", "内容", "博文", "내용", "본문", "트윗", "bodymarkdown", "contentmarkdown",
}  # fmt: skip
_REMARKS = ("comment", "status")
REMARK = 42
"""The rank from which a text may be what somebody says of another."""
_ID = re.compile(
    "(?:tweets?|status|post|comment|twitter|rest|note|message|snowflake|aweme|livechat)+id(?:str|s)?|idstr|objectid|id(?:tweet|post)"
    "|(?:kommentar|reactie|微博)id|(?:id|código)(?:del?|du|do)?(?:comment(?:aire|o)|coment[aá]rio)"
)
_LANGUAGES = ("lang", "language", "tweetlang", "tweetlanguage", "postlang", "languagecode", "langcode",
              "detectedlanguage", "langs", "languages", "textlang", "twitterlang", "postlanguage", "idioma",
              "sprache", "langue")  # fmt: skip
_SURE_AUTHOR = re.compile(
    f"(?:{_WHO})*(?:screenname|handle|acct)|(?:author|user)uniqueid|(?:{_WHO})+(?:preferred)?username|usernametweet"
    "|(?:user|author|account|profile)+(?:web)?(?:page)?(?:url|link)"
)
_WEAK_AUTHORS = ("username", "fromuser", "tweetedby", "postedby",
                 "user", "author", "tweetauthor", "postauthor", "account", "accountname",
                 "tweetuser", "tweetby", "twittername", "authorname", "profilename", "poster", "creator",
                 "sender", "sendername", "tweeter", "by", "from", "fromname",
                 "ownername", "xaccount", "twitteraccount", "userlogin", "uname", "twitteruser",
                 "twitterauthor", "influencer", "userposted", "pseudo",
                 "usuario", "nombredeusuario", "autor", "auteur", "utilisateur", "nomdutilisateur", "autore",
                 "utente", "nomeutente", "nomedeusuário", "usuário", "benutzer", "benutzername", "nutzer",
                 "nutzername", "gebruiker", "gebruikersnaam", "автор", "пользователь", "ユーザー",
                 "ユーザー名", "用户", "用户名", "作者",
                 "작성자", "사용자")  # fmt: skip
_PERHAPS_AUTHORS = ("nickname", "owner", "writer", "createdby", "profile", "login")
_AUTHOR_ID = re.compile(
    "(?:user|author|account|from|owner|creator|poster|tweeter|actor|profile|twitteruser)+(?:rest)?id(?:str)?|uid"
)
_NAME = re.compile(
    "(?:user|author|account|profile)*(?:displayname|fullname|nick|nickname)|(?:user|author|account|profile)?name"
)
_AVATAR = re.compile(
    "(?:user|author|account|profile)*(?:profileimageurl(?:https)?|profileimage|avatar|profilepicture)"
)
_LINKS = re.compile(
    "(?:tweet|post|status|twitter|x|perma|source)*(?:url|link|permalinkurl|permalinkpath|uri|href)(?:to)?(?:tweet|post)?"
    "|tweetwebsite"
)
_WHAT = (
    "(?:id|idstr|restid|at|date|time|text|fulltext|createdat|source|url|lang|name|username|screenname|handle"
    "|state)"
)
_RETWEET_MARKS = re.compile(
    "(?:is|native|twitter|x)?(?:retweet(?:ed)?|rt|reblog(?:ged)?|repost(?:ed)?|renote)"
    "(?:status|tweet|post|user|of|from|by|author|original|result|statusresult|statususer|tweetuser|tweetauthor)*"
    f"{_WHAT}?|userrt(?:id)?|rtuser|fwdfrom|forwardedfrom(?:id)?|retweetdate"
    f"|referencedtweetsretweeted(?:id|idstr)?|originaltweet{_WHAT}|copyhistory"
)
_RETWEET_FLAGS = {"isretweet", "isrt", "isretweetedtweet", "isrepost", "isreblog", "isboost", "retweetflag",
                  "isaretweet", "isnativeretweet", "boost", "boosted", "isboosted", "forwarded",
                  "isforwarded", "estunretweet", "istretweet", "istrepost", "esretweet",
                  "éretweet"}  # fmt: skip
_WEAK_RETWEETS = {"retweet", "rt", "repost"}
# v1.1's `retweeted` tells about the reader, Mastodon's `reblogged` too; the others count.
_NOT_RETWEETS = {"retweeted", "isretweeted", "reblogged", "reposted"}
_REPLY_MARKS = re.compile(
    "(?:in|twitter|x)?repl(?:y|ied)(?:ing)?to(?:tweet|status|user|post|author|account|msg)*"
    "(?:id|idstr|name|username|screenname|handle|sn|sid|uid|url|uri)?"
    "|reply(?:tweet|status|user)?(?:id|idstr|screenname|username)|replytosid|replytosn|replytouid"
    "|referencedtweetsrepliedto(?:id|idstr)?|inreply|replyingto|repliedto"
    "|parent(?:tweet|post|status|comment)?(?:id|hash)?"
    "|toplevelcommentid|übergeordnetekommentarid|kommentaridderoberstenebene|(?:id|código)(?:del?|du|do)?"
    "(?:commentaire|commento|coment[aá]rio)(?:parent|padre|principale?|pai|superior)"
)
_CONVERSATIONS = {"conversationid", "conversationidstr"}
_REPLY_FLAGS = {"isreply", "replyflag", "isareply", "isreplytweet", "isinreply"}
_QUOTE_MARKS = re.compile(
    f"quote[ds]?(?:status|tweet|post|result|statusresult|of|user|author|url)*{_WHAT}?"
    "|referencedtweetsquoted(?:id|idstr)?|quoteurl"
)
_QUOTE_FLAGS = {"isquote", "isquotestatus", "isquotetweet", "isquoted", "quoteflag", "isquotepost"}
_NOT_QUOTES = {"quote", "quotes", "quoted"}
_PROTECTED = re.compile(
    "(?:user|author|account|owner|profile|actor)?(?:privacy)?(?:is)?(?:protected|private)"
    "|(?:is)?(?:tweet|post|status|item|note)?private|privateitem|(?:is)?secret|forfriend"
    "|privat[oa]?|privée?|privad[oa]|besloten|非公開"
    "|(?:is)?(?:closefriends|paywalled)"
    "|(?:is)?(?:for)?(?:followers?|friends|subscribers?|members?|supporters?|patrons?|mutuals)only"
)
_VISIBILITY = re.compile(
    "(?:tweet|post|status|item|note|share|content|video)*(?:privacy|visibility)"
    "(?:value|settings?|level|type|status|option|visibility|audience)?|(?:tweet|post|status|item|note|share)*audience"
    "|visibletype|whocan(?:view|see)(?:it|this|thispost)?|visibleto|sharedwith|postpassword|postacl"
    "|sichtbarkeit|visibilit[éà]|visibilidade?|zichtbaarheid|видимость|公開範囲|可见性"
)
# Most often of another kind: only what can mean nothing else counts.
_PERHAPS_VISIBILITIES = {"state", "poststate", "poststatus", "scope", "security", "access", "accesslevel",
                         "acl", "permission", "sharing", "sharetype", "circle", "tier",
                         "statut", "estado", "stato", "статус", "状態", "状态", "ステータス",
                         "viewers", "publishstatus", "publicationstatus", "privacydescription"}  # fmt: skip
_OF_MESSAGES = {"senderid", "recipientid", "recipient", "messagecreate", "conversationtype", "to",
                "ispm", "isdm", "isprivatemessage", "isdirectmessage", "toname", "toaddress",
                "bcc"}  # fmt: skip
# Whether one has sent it oneself, of which only messages tell.
_SENT = re.compile("(?:is)?(?:from|sentby)me|is(?:sender|outgoing|incoming)")
_DELETED = re.compile(
    "(?:is|was)?(?:tweet|post|status)?(?:is|was)?(?:deleted|removed)(?:by(?:user|author))?"
    "|(?:is)?(?:tweet|post)?draft|is(?:archived|hidden|trashed)"
    "|entwurf|gelöscht|brouillon|supprimé|borrador|eliminad[oa]|bozza|eliminat[oa]|rascunho|excluído"
    "|черновик|удалено|下書き|草稿"
)
_PUBLISHED = {
    "ispublished",
    "isposted",
    "veröffentlicht",
    "publié",
    "publicado",
    "pubblicato",
    "опубликовано",
}
_DELETED_AT = re.compile("(?:tweet|post|status)?(?:deleted|deletion)(?:at|on|date|time|timestamp)")
_TYPES = {
    "type", "tweettype", "posttype", "statustype", "tweetstype", "typeoftweet", "kind", "tweetkind",
    "category", "tweetcategory", "contenttype", "activitytype", "referencedtweettype", "referencetype",
    "reftype", "messagetype", "postkind", "statuskind", "threadentrytype", "entrytype", "sourcetweettype",
    "updatetype", "mediatype", "action", "interaction", "verb", "direction",
}  # fmt: skip
_NOT_AUTHORS = re.compile(
    "mention|repl[iy]|quot|retweet|repost|reblog|forward|tagged|recipient|receiver|target|(?:^|sent|send)to$"
)
_ENGAGEMENT = re.compile(
    "(?:like|fav|favou?rite|heart|view|comment|impression|bookmark|share|engagement)s?|replies"
)


@functools.lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A name without what people write differently."""
    return _IGNORED.sub("", name.casefold())


@functools.lru_cache(maxsize=4096)
def senses(folded: str) -> tuple[Sense, ...]:
    """What a folded name can mean."""
    if len(folded) > _LONGEST or folded.isdigit():
        return ()
    plain = _INDEX.sub("", folded).replace("authormeta", "author")
    if "legacy" in plain or "result" in plain:  # a flattened GraphQL object
        plain = _WRAPPED.sub("", plain)
    found = [
        sense for find in (_text, time_names.sense, _id, _marks, _author, _beside) if (sense := find(plain))
    ][:1]
    if not found and (inner := _FLAT.match(plain)):
        return tuple(sense for sense in senses(plain[inner.end() :]) if sense.meaning is not Meaning.NAME)
    if plain == "to":  # of messages, and of posts that answer somebody
        found.append(Sense(Meaning.REPLY, Kind.MARK, 1))
    if plain == "status":  # of a blog's post
        found.append(Sense(Meaning.VISIBILITY, Kind.DERIVED, found[0].rank))  # columns come by their lowest
    if plain in ("published", "posted"):  # or whether it was
        found.append(Sense(Meaning.DELETED, Kind.DERIVED, 1))
    if plain in ("username", "authorname"):  # also a display name
        found.append(Sense(Meaning.NAME, Kind.WEAK, 5))
    return tuple(found)


@functools.lru_cache(maxsize=4096)
def perhaps_author(folded: str) -> Sense | None:
    """What a column of any name can mean as well: that of the authors, if handles stand in it.

    Not one of whom a post mentions, answers or quotes. A nickname and the like may be a handle without its @.
    """
    others = {sense.meaning for sense in senses(folded)} - {Meaning.NAME, Meaning.LINK}
    if others or _NOT_AUTHORS.search(folded[:_LONGEST]):
        return None
    kind = Kind.PLAIN if folded.endswith(_PERHAPS_AUTHORS) else Kind.WEAK
    return Sense(Meaning.PERHAPS_AUTHOR, kind, 0 if kind is Kind.PLAIN else 1)


def is_engagement(folded: str) -> bool:
    """Whether a column counts what readers did: then `retweet` and `reply` beside it count, too."""
    return bool(_ENGAGEMENT.fullmatch(folded))


def _text(name: str) -> Sense | None:
    if name in _WHOLE_TEXTS:
        return Sense(Meaning.TEXT, Kind.WHOLE, _WHOLE_TEXTS.index(name))
    if name in _MORE_TEXTS or _PLAIN_TEXT.fullmatch(name) or _TEXT_OF_TWEET.fullmatch(name):
        return Sense(Meaning.TEXT, Kind.PLAIN, 20 if name == "text" else 21)
    if name in _PERHAPS_TEXTS:
        rank = REMARK + _REMARKS.index(name) if name in _REMARKS else 41
        return Sense(Meaning.TEXT, Kind.DERIVED, rank)  # most often something else
    if name in ("commenttext", "livechattext", "plaintext") or _DERIVED_TEXT.fullmatch(name):
        return Sense(Meaning.TEXT, Kind.DERIVED, 40)
    return None


def _id(name: str) -> Sense | None:
    if name == "id":
        return Sense(Meaning.ID, Kind.PLAIN, 20)
    if _ID.fullmatch(name):
        return Sense(Meaning.ID, Kind.PLAIN, 0 if name.endswith("str") else 10)
    return None


def _marks(name: str) -> Sense | None:
    for meaning, flags, weak, marks, never in (
        (Meaning.RETWEET, _RETWEET_FLAGS, _WEAK_RETWEETS, _RETWEET_MARKS, _NOT_RETWEETS),
        (Meaning.REPLY, _REPLY_FLAGS, ("reply",), _REPLY_MARKS, ()),
        (Meaning.QUOTE, _QUOTE_FLAGS, (), _QUOTE_MARKS, _NOT_QUOTES),
    ):
        if name in flags:
            return Sense(meaning, Kind.FLAG, 0)
        if name in weak:
            return Sense(meaning, Kind.WEAK, 2)
        if name not in never and marks.fullmatch(name):
            return Sense(meaning, Kind.MARK, 1)
    return None


def _author(name: str) -> Sense | None:
    if _SURE_AUTHOR.fullmatch(name):
        return Sense(Meaning.AUTHOR, Kind.SURE, 0)
    if name in _WEAK_AUTHORS:
        return Sense(Meaning.AUTHOR, Kind.WEAK, 10 + _WEAK_AUTHORS.index(name))
    if _AUTHOR_ID.fullmatch(name):
        return Sense(Meaning.AUTHOR_ID, Kind.PLAIN, 0 if name.endswith("str") else 1)
    return None


def _beside(name: str) -> Sense | None:
    if name in _LANGUAGES:
        return Sense(Meaning.LANGUAGE, Kind.PLAIN, _LANGUAGES.index(name))
    if _VISIBILITY.fullmatch(name):
        return Sense(Meaning.VISIBILITY, Kind.PLAIN, 0)
    if name in _PERHAPS_VISIBILITIES:
        return Sense(Meaning.VISIBILITY, Kind.DERIVED, 2)
    if name.removeprefix("privacy") in ("public", "ispublic"):
        return Sense(Meaning.VISIBILITY, Kind.MARK, 1)
    if name in _OF_MESSAGES:
        return Sense(Meaning.VISIBILITY, Kind.WEAK, 1)
    if _SENT.fullmatch(name):
        return Sense(Meaning.VISIBILITY, Kind.MESSAGE, 1)
    if name in ("cw", "spoilertext", "contentwarning"):
        return Sense(Meaning.WARNING, Kind.PLAIN, 0)
    if _PROTECTED.fullmatch(name):
        return Sense(Meaning.VISIBILITY, Kind.FLAG, 1)
    if _DELETED.fullmatch(name):
        return Sense(Meaning.DELETED, Kind.FLAG, 0)
    if name in _PUBLISHED:
        return Sense(Meaning.DELETED, Kind.DERIVED, 0)
    if _DELETED_AT.fullmatch(name):
        return Sense(Meaning.DELETED, Kind.MARK, 0)
    if name in _TYPES:
        return Sense(Meaning.TYPE, Kind.PLAIN, 0)
    if name in ("referencedtweets", "referencedposts", "referencedtweetstype", "referencedpoststype"):
        return Sense(Meaning.REFERENCES, Kind.PLAIN, 0)
    if name in _CONVERSATIONS:
        return Sense(Meaning.CONVERSATION, Kind.PLAIN, 0)
    if name in ("edithistorytweetids", "edithistorypostids", "editinfo", "editcontrol"):
        return Sense(Meaning.EDITS, Kind.PLAIN, 0)
    for meaning, pattern in ((Meaning.LINK, _LINKS), (Meaning.NAME, _NAME), (Meaning.AVATAR, _AVATAR)):
        if pattern.fullmatch(name):
            return Sense(meaning, Kind.PLAIN, 0)
    return None
