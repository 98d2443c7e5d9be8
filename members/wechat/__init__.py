"""WeChat (微信公众号): signing in by an official account, and what a page needs to be shared well.

Off without `WECHAT_APP_ID`; outside of WeChat's browser the pages do without.
"""
