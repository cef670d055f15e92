"""The verbs of administrators on people and organisations: invite, change, deactivate, hand their work over."""
