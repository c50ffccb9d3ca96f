import Foundation
import Reporting

/// The page as HTML: what changes is fetched anew each second where scripts run, and with the page elsewhere.
enum LivePage {
  static func html(of moment: ShownSearch.Moment, canStop: Bool) throws -> String {
    var buttons = [form("keep?snapshot=\(moment.snapshot?.number ?? 0)", "Keep this picture")]
    if canStop { buttons.append(form("stop", "End the search")) }
    return Page.document(
      title: "preimage",
      head: [
        .element("noscript", [:], .element("meta", ["http-equiv": "refresh", "content": "2"])),
        .element("style", [:], .raw(style)),
      ],
      main: [
        .element(
          "div", ["id": "controls", "class": "row"],
          buttons + [.element("output", ["id": "said"])]),
        try Self.moment(moment),
      ], script: .element("script", ["src": "view.js"]))
  }

  /// What changes.
  static func moment(_ moment: ShownSearch.Moment) throws -> HTML {
    let bar = HTML.element(
      "progress",
      [
        "max": "\(max(moment.iterations, 1))", "value": "\(moment.done)",
        "aria-label": "Iterations done",
      ])
    let figures = try moment.snapshot.map { snapshot in
      let title = "Iteration \(snapshot.iteration)"
      return try Figure(snapshot.picture, alternative: title, caption: [title]).html()
    }
    return .element(
      "div",
      [
        "id": "moment", "data-snapshot": "\(moment.snapshot?.number ?? 0)",
        "data-end": moment.end ?? "",
      ],
      .element("h1", [:], HTML(moment.title.isEmpty ? "preimage" : moment.title)), bar,
      .element("p", [:], HTML(status(of: moment))),
      .element("div", ["class": "row"], (figures.map { [$0] } ?? []) + charts(of: moment)))
  }

  private static func status(of moment: ShownSearch.Moment) -> String {
    if let end = moment.end { return end }
    var text = "\(moment.done) of \(moment.iterations) iterations"
    if let seconds = moment.secondsLeft, seconds.isFinite { text += ", \(time(seconds)) left" }
    return text
  }

  private static func charts(of moment: ShownSearch.Moment) -> [HTML] {
    moment.curves.compactMap { curve in
      guard curve.points.contains(where: \.y.isFinite) else { return nil }
      return Chart(
        x: .init("iteration"), y: .init(curve.name, for: curve.points.map(\.y)),
        lines: [.init(curve.name, points: curve.points)],
        alternative: String(format: "%@, last %.4g", curve.name, curve.points.last?.y ?? 0)
      ).html()
    }
  }

  private static func form(_ action: String, _ title: String) -> HTML {
    .element(
      "form", ["method": "post", "action": action],
      .element("button", [:], HTML(title)))
  }

  private static func time(_ seconds: Double) -> String {
    let duration = Duration.seconds(min(max(seconds, 0), 1e8).rounded())
    return duration < .seconds(3600)
      ? duration.formatted(.time(pattern: .minuteSecond))
      : duration.formatted(.time(pattern: .hourMinuteSecond))
  }

  private static let style = """
    #controls { position: sticky; top: 0; padding: .5rem 0; background: Canvas; align-items: center }
    button { font: inherit; padding: .25rem .75rem } progress { width: 100% }
    #moment .row figure { flex: 1 1 20rem; max-width: 30rem }

    """

  /// Fetches what changes, and presses buttons without leaving the page.
  static let script = """
    "use strict";
    const said = document.getElementById("said");
    const buttons = document.querySelectorAll("button");
    const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    const moment = () => document.getElementById("moment");

    for (const form of document.forms) {
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const action = form.action.replace(/snapshot=\\d+/, `snapshot=${moment().dataset.snapshot}`);
        try {
          said.textContent = await (await fetch(action, { method: "POST" })).text();
        } catch {
          said.textContent = "The program does not answer.";
        }
      });
    }

    const show = async () => {
      const template = document.createElement("template");
      template.innerHTML = await (await fetch("moment")).text();
      // What is not decoded yet would flicker.
      await Promise.allSettled([...template.content.querySelectorAll("img")].map((i) => i.decode()));
      moment().replaceWith(template.content);
      return moment().dataset.end !== "";
    };

    (async () => {
      for (;;) {
        try {
          if (await show()) break;
          if (said.dataset.isLost) [said.textContent, said.dataset.isLost] = ["", ""];
        } catch {
          said.textContent = "The program does not answer; it may have ended.";
          said.dataset.isLost = "yes";
        }
        await wait(1000);
      }
      for (const button of buttons) button.disabled = true;
    })();

    """
}
