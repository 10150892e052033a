"""Where a portion stands that has stock, or where it went."""

from portal.domain.because_told import Clauses, stop


class Whereabouts(Clauses):
    """Of a portion that is there, on the road, or settled."""

    def at_hand(self) -> str:
        match self.told.status:
            case "picking":
                pattern = self.ngettext(
                    "%(count)s is being picked at %(location)s",
                    "%(count)s are being picked at %(location)s",
                    self.n,
                )
            case "packed":
                pattern = self.ngettext(
                    "%(count)s is packed at %(location)s", "%(count)s are packed at %(location)s", self.n
                )
            case _:
                pattern = self.ngettext(
                    "%(count)s stands ready at %(location)s", "%(count)s stand ready at %(location)s", self.n
                )
        return self.say(pattern)

    def waiting_for_rest(self) -> str:
        if not self.told.waits_for_rest:
            return ""
        return " " + stop(
            self.ngettext(
                "The order ships complete, so it waits for the rest",
                "The order ships complete, so they wait for the rest",
                self.n,
            )
        )

    def left(self) -> str:
        told = self.told
        if told.shipped_on is None:
            left = self.say(
                self.ngettext("%(count)s has left %(location)s", "%(count)s have left %(location)s", self.n)
            )
        else:
            left = self.say(
                self.ngettext(
                    "%(count)s left %(location)s on %(day)s", "%(count)s left %(location)s on %(day)s", self.n
                ),
                day=self.words.day(told.shipped_on),
            )
        if told.carrier:
            left = self.say(self.gettext("%(left)s with %(carrier)s"), left=left, carrier=told.carrier)
        return f"{left} ({told.shipment})" if told.shipment else left

    def on_the_road(self) -> str:
        match self.told.shipment_state:
            case "exception":
                return self.gettext("the carrier reports a problem on the way")
            case "returned_to_sender":
                return self.ngettext(
                    "the carrier is bringing it back", "the carrier is bringing them back", self.n
                )
            case "out_for_delivery":
                return self.ngettext("it is out for delivery", "they are out for delivery", self.n)

        expected = self.told.arrives_on
        if expected is None:
            return self.gettext("no arrival date yet")
        if expected >= self.words.today:
            pattern = self.ngettext(
                "it is expected in %(city)s on %(day)s", "they are expected in %(city)s on %(day)s", self.n
            )
        else:
            pattern = self.ngettext(
                "it was expected in %(city)s on %(day)s and is not reported as delivered",
                "they were expected in %(city)s on %(day)s and are not reported as delivered",
                self.n,
            )
        return self.say(pattern, day=self.words.day(expected))

    def settled(self) -> str:
        told = self.told
        match told.status:
            case "delivered":
                day = told.delivered_on
                dated = self.ngettext(
                    "%(count)s was delivered in %(city)s on %(day)s",
                    "%(count)s were delivered in %(city)s on %(day)s",
                    self.n,
                )
                plain = self.ngettext(
                    "%(count)s was delivered in %(city)s", "%(count)s were delivered in %(city)s", self.n
                )
            case "returned":
                day = told.returned_on
                dated = self.ngettext(
                    "%(count)s came back on %(day)s", "%(count)s came back on %(day)s", self.n
                )
                plain = self.ngettext("%(count)s came back", "%(count)s came back", self.n)
            case _:
                day = told.cancelled_on
                dated = self.ngettext(
                    "%(count)s was cancelled on %(day)s and will not come",
                    "%(count)s were cancelled on %(day)s and will not come",
                    self.n,
                )
                plain = self.ngettext(
                    "%(count)s was cancelled and will not come",
                    "%(count)s were cancelled and will not come",
                    self.n,
                )
        return self.say(plain) if day is None else self.say(dated, day=self.words.day(day))
