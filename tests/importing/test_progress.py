"""Long work shows how far it is: in one line on a terminal, in plain lines elsewhere."""

import io

from portal.importing.progress import Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_for_each_stage() -> None:
    terminal = Terminal()
    bar = Bar(terminal)
    for done in range(101):
        bar("Reading", done, 100)
    bar("Planning", 0, 10)
    bar("Planning", 10, 10)
    bar.close()
    lines = terminal.getvalue().split("\n")
    assert [line.rsplit("\r", 1)[-1].split()[0] for line in lines if line] == ["Reading", "Planning"]
    assert lines[0].endswith("] 100 %")
    assert lines[-1] == ""


def test_a_log_gets_plain_lines_and_the_end_of_a_stage_once() -> None:
    log = io.StringIO()
    bar = Bar(log)
    for done in (0, 50, 100, 100):
        bar("Reading", done, 100)
    bar.close()
    assert log.getvalue() == "Reading   0 %\nReading 100 %\n"
