// htmx would add a style element, which the policy of /admin/ forbids: theme.css has those rules.
htmx.config.includeIndicatorStyles = false;
