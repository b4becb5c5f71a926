"""The commands of `care`."""

import typer

from outreach.cli import backtest, check, explain, in_doubt, preview, resume, schema, send_test, topics_command

app = typer.Typer(help="Careloop: customer care that acts first.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("lint")(check.lint)
app.command("test")(check.run_examples)
app.command("backtest")(backtest.run)
app.command("explain")(explain.explain)
app.command("preview")(preview.preview)
app.command("send-test")(send_test.send_test)
app.command("schema")(schema.write_schemas)
app.command("resume")(resume.resume)
app.add_typer(in_doubt.app, name="in-doubt")
app.add_typer(topics_command.app, name="topics")

if __name__ == "__main__":
    app(prog_name="care")
