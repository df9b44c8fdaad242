"""Pure rules of trade credit on plain values: no database, no web, no engine, no clock."""
