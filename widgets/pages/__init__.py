"""Full pages behind the tabs: warnings, rankings, ledger, directives, re-supervisions."""
