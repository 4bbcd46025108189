"""What the folded names of columns and keys say of times: of a post, of a day, of a zone."""

import re

from huggingtweets_hub.posts.tables.meanings import Kind, Meaning, Sense

_TIME = re.compile(
    "(?:tweet|tweeted|post|posted|status|message|comment|livechat)?"
    "(?:created?|creation|posted|posting|published|publication|publish|pub|sent)?"
    "(?:at|on)?(?:date|day|time|datetime|timestamp)*(?:created|posted|published|tweeted)?(?:at|on)?"
    "(?:utc|gmt|ms|iso|local|formatted)?"
)
# As Google names the time of a comment.
_STAMP = re.compile(
    "(?:zeitstempel|timestamp|codetemporel|horodatage|marcadetiempo|marcatemporal|carimbodedatahora|tijdstempel"
    "|sygnaturaczasowa|znacznikczasu|временнаяметка|отметкавремени)"
    "(?:(?:der|de|della|da|di|voor|van)?(?:het)?(?:kommentar)?"
    "(?:erstellung|création|creación|creazione|criação|maken|utworzenia|создания))?"
    "(?:(?:des|du|del|de|do|di|van)?"
    "(?:kommentars|commentaire|comentario|comentário|commento|reactie|komentarza|комментария))?"
    "|コメントの作成日時|评论创建时间"
)
_NOT_TIMES = {"", "create", "comment", "livechat", "commentat", "commenton", "message",
              "messageat", "messageon", "at", "on", "tweet", "tweeted", "post",
              "status", "ms", "iso", "local", "formatted", "publish", "pub", "day",
              "creation", "publication", "posting", "statusat", "poston", "tweeton"}  # fmt: skip
_TIMES_FIRST = ("publishedat", "createdat", "tweetcreatedat", "created", "createdatutc")
# Which may be when it was collected, or tell no zone.
_LATER_TIMES = {
    "date": 12,
    "timestamp": 15,
    "timestampms": 15,
    "localtime": 16,
    "localdate": 16,
    "data": 17,
    "eventtime": 18,
}
_MORE_TIMES = {
    "ts", "dt", "epoch", "unixtime", "unixtimestamp", "isodate", "timeparsed",
    "eventtime", "tweetcreatedts", "utctime", "utcdate", "utcdatetime", "localtime", "localdate",
    "dateoftweet", "takenat", "takenattimestamp",
    "fecha", "fechahora", "fechadecreación", "fechadepublicación", "datum", "datumzeit", "datumuhrzeit",
    "erstelltam", "veröffentlichtam", "zeitpunkt", "zeitstempel", "datedecréation", "datedepublication",
    "publiéle", "data", "datahora", "datadecriação", "datadepublicação", "criadoem", "дата", "日時", "日期",
    "发布时间", "发布日期", "时间", "投稿日時", "投稿日", "作成日時", "日付", "작성일", "작성일시", "날짜",
    "일시", "게시일",
}  # fmt: skip


def sense(name: str) -> Sense | None:
    """What a folded name says of a time; None if it says nothing of one."""
    if name in _TIMES_FIRST:
        return Sense(Meaning.TIME, Kind.PLAIN, _TIMES_FIRST.index(name))
    if name in ("time", "clock", "hour", "tweettime", "uhrzeit", "hora", "heure"):
        return Sense(Meaning.CLOCK, Kind.PLAIN, 0)
    if name in ("timezone", "tz", "utcoffset"):
        return Sense(Meaning.ZONE, Kind.PLAIN, 0)
    if name in _MORE_TIMES or _STAMP.fullmatch(name) or (_TIME.fullmatch(name) and name not in _NOT_TIMES):
        rank = 9 if name.endswith(("utc", "gmt")) else 13 if name.startswith("comment") else 10
        return Sense(Meaning.TIME, Kind.PLAIN, _LATER_TIMES.get(name, rank))
    return None
