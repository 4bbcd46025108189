"""Which names of columns and keys mean what: the names that tools and people really use."""

import pytest

from huggingtweets_hub.posts.tables import names

MEAN: dict[str, str] = {
    "text": "text Text full_text fullText Full_Text 'Tweet text' Tweet-Text tweet_text tweetText "
    "tweet tweets Tweets content Content rawContent Message message body post_body_text "
    "posttext 'Post text' Embedded_text tweet_content tweet_full_text "
    "extended_tweet.full_text note_tweet.text legacy.full_text OriginalTweet tweet_raw "
    "text_original clean_text cleaned_tweet processed_text tweet/text status texto Texte 内容 내용 본문 "
    "'Hit Sentence' data.text post.record.text selftext long_object.body "
    "'Content of tweet' 'Contenu du tweet' 'Texto del tweet' Tweet-Inhalt "
    "'Comment Text' Kommentartext 'Texte du commentaire' 'Live Chat Text' comment html plaintext",
    "id": "id ID Id id_str tweet_id tweetId tweetid 'Tweet Id' 'Tweet ID' Tweet-Id status_id "
    "'Post id' rest_id twitter_id message_id legacy.id_str tweet_id_str id_tweet data.id objectID",
    "time": "created_at createdAt 'Created At' Created-At created created_time created_date date "
    "Date datetime Datetime date_time 'Date Time' timestamp posted_at postedAt tweet_date "
    "tweet_created published_at published_at_utc publishedAt UTC datetime_utc create_date "
    "message_time posted_time legacy.created_at 'UTC Time' local_date Fecha Datum 日時 "
    "'Posting Time' taken_at eventtime post_date_gmt data.created_at 'Erstellt am' 'Date de création' Data "
    "createdAtformatted 投稿日時 작성일 发布日期",
    "clock": "time Time",
    "language": "lang language Language tweet_lang Tweet-Lang legacy.lang twitter_lang language_code",
    "author": "username Username userName user_name 'User Name' user.username user.screen_name "
    "userScreenName user_screen_name UserScreenName screen_name screenName 'Screen Name' "
    "handle Handle author.username author/userName author_username author.userName "
    "from_user From-User tweet_author author account account_name twitter_handle "
    "accountname user tweeted_by usernameTweet account.acct TwitterUser user_login "
    "authorMeta.name author.uniqueId Author_Web_Page_URL 'User Profile Url' Influencer Pseudo user_posted "
    "Usuario 'Nombre de usuario' Autor Benutzername utilisateur ユーザー名",
    "author id": "author_id user_id user.id user.id_str user_id_str from_user_id account_id uid author.id "
    "'Profile ID'",
    "retweet": "is_retweet isRetweet 'Is Retweet' is_rt retweet rt retweeted_status "
    "retweeted_status.id_str retweeted_status_id retweetedTweet retweeted_tweet "
    "retweeted_tweet_id retweet_status_id retweetedStatusId retweeted_user_id "
    "retweet_user_id retweet_screen_name retweet_id retweet_date user_rt user_rt_id "
    "retweeted_by 'Retweet from' referenced_tweets.retweeted.id reblog "
    "retweeted_status_result repost_text renoteId native_retweet 'Twitter Retweet of' "
    "'X Repost of' 'Est un retweet'",
    "reply": "is_reply isReply 'Is Reply' reply in_reply_to_status_id in_reply_to_status_id_str "
    "in_reply_to_user_id in_reply_to_screen_name in_reply_to_username in_reply_to "
    "inReplyToTweetId inReplyToUser inReplyToId reply_id replyToSID replyToSN replyToUID "
    "reply_to reply_to_status_id reply_to_screen_name inReplyToUsername 'Twitter Reply to' parent_tweet_id "
    "referenced_tweets.replied_to.id in_reply_to_account_id replied_to",
    "quote": "is_quote isQuote is_quote_status quoted_status_id quoted_status quotedTweet quote_id "
    "quote_url referenced_tweets.quoted.id quoted_tweet_id",
    "visibility": "visibility protected user.protected author.protected isProtected isPrivate",
    "link": "url link tweet_url 'Tweet URL' 'Tweet permalink' permalink href twitterUrl tweetlink "
    "status_url post_url Tweet_Website",
    "type": "type Type tweet_type 'Tweet Type' post_type messageType ref_type 'Post kind'"
    " 'Thread Entry Type' sourcetweet_type",
    "references": "referenced_tweets referenced_posts referenced_tweets.0.type",
    "edits": "edit_history_tweet_ids edit_info legacy.edit_control",
    "conversation": "conversation_id conversationId",
}
MEAN_NOTHING = (
    "retweeted retweet_count retweets retweetCount reply_count replies replyCount quote_count quotes "
    "likes favorite_count favorited retweetedByMe user.created_at user.description user.location "
    "source sentiment label hashtags entities.urls.0.url user.followers_count place coordinates "
    "retweet_favorite_count quoted_favorite_count mentions bookmarked views media in_reply_to_count "
    "tweet_count status_code following user_lang reblogged posting data.name "
)


def listed(text: str) -> list[str]:
    import shlex

    return shlex.split(text)


PAIRS = [(meaning, name) for meaning, text in MEAN.items() for name in listed(text)]


@pytest.mark.parametrize(("meaning", "name"), PAIRS)
def test_a_name_has_its_meaning(meaning: str, name: str) -> None:
    found = [sense.meaning for sense in names.senses(names.fold(name))]
    assert found[:1] == [meaning]


@pytest.mark.parametrize("name", listed(MEAN_NOTHING))
def test_other_names_have_none(name: str) -> None:
    assert [sense.meaning for sense in names.senses(names.fold(name))] == []


@pytest.mark.parametrize(
    "name", ["Tweet Id", "tweet_id", "TWEET-ID", "tweetId", "tweet.id", " tweet/id ", "#tweet:id"]
)
def test_case_blanks_and_marks_do_not_count(name: str) -> None:
    assert names.fold(name) == "tweetid"


def test_a_name_of_any_length_is_read_at_once() -> None:
    for part in ("tweet", "user", "retweetedstatus", "posttext", "createdat"):
        assert names.senses(part * 10_000) == ()
        assert names.senses(part * 15 + "x") == ()
