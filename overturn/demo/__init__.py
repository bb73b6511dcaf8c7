"""The demo: a generated month goes through the whole system and is held against the generator's truth."""
