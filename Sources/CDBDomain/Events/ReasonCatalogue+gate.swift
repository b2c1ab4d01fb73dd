extension ReasonCatalogue {
  /// What the gate refuses orders by, and why its checks fail.
  static let gate: [ReasonEntry] = [
    ReasonEntry(
      .gateClosed, "gate_closed", .gate,
      en: "the gate is closed: nothing is let through",
      de: "das Gate ist geschlossen: nichts wird durchgelassen",
      remedy: Translation(
        en: "see cdb gate checks; cdb gate open --justification \"…\" begins the verification",
        de: "cdb gate checks ansehen; cdb gate open --justification \"…\" beginnt die Prüfung")),
    ReasonEntry(
      .gateVerifying, "gate_verifying", .gate,
      en: "the gate is verifying: only probes and orders that reduce are let through",
      de: "das Gate prüft noch: nur Proben und abbauende Orders gehen durch",
      remedy: Translation(
        en: "wait for the five checks; cdb gate checks shows where they stand",
        de: "die fünf Prüfungen abwarten; cdb gate checks zeigt den Stand")),
    ReasonEntry(
      .gateTripped, "gate_tripped", .gate,
      en: "the gate has tripped: only orders that reduce are let through",
      de: "das Gate hat ausgelöst: nur abbauende Orders gehen durch",
      remedy: Translation(
        en: "cdb why names the cause; when it is gone the gate verifies again, or waits for cdb gate open",
        de: "cdb why nennt die Ursache; ist sie behoben, prüft das Gate erneut oder wartet "
          + "auf cdb gate open")),
    ReasonEntry(
      .gateStopped, "gate_stopped", .gate,
      en: "the emergency stop is in force",
      de: "der Not-Halt gilt",
      remedy: Translation(
        en: "clear up what it was for, then cdb resume with a justification",
        de: "den Anlass klären, dann cdb resume mit einer Begründung")),
    ReasonEntry(
      .logPathSilent, "log_path_silent", .gate,
      en: "a line that was logged did not arrive in the log file",
      de: "eine geschriebene Logzeile kam in der Logdatei nicht an",
      remedy: Translation(
        en: "see whether the disk of the log directory is full and the file writable",
        de: "prüfen, ob der Datenträger der Logs voll und die Datei beschreibbar ist")),
    ReasonEntry(
      .errorsLogged, "errors_logged", .gate,
      en: "errors were logged in the window that counts",
      de: "im Prüffenster wurden Fehler protokolliert",
      remedy: Translation(
        en: "read them, mend the cause, and wait until they leave the window",
        de: "die Fehler lesen, die Ursache beheben und warten, bis sie aus dem Fenster sind")),
    ReasonEntry(
      .canaryLate, "canary_late", .gate,
      en: "a barrier did not cross every stage in time",
      de: "eine Barriere hat nicht rechtzeitig alle Stufen durchlaufen",
      remedy: Translation(
        en: "see in cdb why which stage holds it up",
        de: "in cdb why nachsehen, welche Stufe sie aufhält")),
    ReasonEntry(
      .incidentOpen, "incident_open", .gate,
      en: "an incident waits for its root cause in writing",
      de: "ein Vorfall wartet auf seine schriftliche Ursache",
      remedy: Translation(
        en:
          "see cdb incident list; find the cause, write it down with cdb incident cause, and the gate verifies",
        de:
          "cdb incident list ansehen, die Ursache finden und mit cdb incident cause festhalten; dann prüft das Gate"
      )),
    ReasonEntry(
      .flowImbalance, "flow_imbalance", .gate,
      en: "events were lost or doubled: the flow does not balance",
      de: "Ereignisse gingen verloren oder kamen doppelt: der Fluss geht nicht auf",
      remedy: Translation(
        en: "keep the data directory, find the edge in the log, restart; then cdb gate open",
        de: "das Datenverzeichnis sichern, die Kante im Log suchen, neu starten; dann cdb gate open")),
    ReasonEntry(
      .storeInconsistent, "store_inconsistent", .gate,
      en: "orders, results, fills and positions do not agree by their ids",
      de: "Orders, Ergebnisse, Ausführungen und Positionen passen über ihre Ids nicht zusammen",
      remedy: Translation(
        en: "look at the ids in the evidence; cdb replay of the journal rebuilds a right store",
        de: "die Ids in den Belegen ansehen; cdb replay des Journals baut den richtigen Speicher neu")),
    ReasonEntry(
      .probeRefused, "probe_refused", .gate,
      en: "a probe order was refused where it must be executed",
      de: "eine Probe-Order wurde abgelehnt, wo sie ausgeführt werden muss",
      remedy: Translation(
        en: "the evidence has the reason of the refusal: it would refuse real orders too",
        de: "die Belege nennen den Grund der Ablehnung: er träfe auch echte Orders")),
    ReasonEntry(
      .probeLost, "probe_lost", .gate,
      en: "a probe order did not come back in time",
      de: "eine Probe-Order kam nicht rechtzeitig zurück",
      remedy: Translation(
        en: "see in cdb why which stage holds it up",
        de: "in cdb why nachsehen, welche Stufe sie aufhält")),
    ReasonEntry(
      .checkUnavailable, "check_unavailable", .gate,
      en: "the check could not be carried out",
      de: "die Prüfung ließ sich nicht durchführen",
      remedy: Translation(
        en: "the evidence has the cause; without it the check stays unknown, and unknown is not a pass",
        de: "die Belege nennen die Ursache; solange bleibt die Prüfung unbekannt, und "
          + "unbekannt ist nicht bestanden")),
    ReasonEntry(
      .checkExpired, "check_expired", .gate,
      en: "the last pass of a check is too old to count",
      de: "die letzte bestandene Prüfung ist zu alt",
      remedy: Translation(
        en: "see why the check could not be carried out again",
        de: "nachsehen, warum sich die Prüfung nicht wiederholen ließ")),
    ReasonEntry(
      .stopUnverified, "stop_unverified", .gate,
      en: "after the stop no probe order was seen refused",
      de: "nach dem Halt wurde keine abgelehnte Probe-Order gesehen",
      remedy: Translation(
        en: "stop once more, for what hinders the proof; not proved again: end the process. To go on: "
          + "cdb resume --justification …, then cdb gate open --justification …",
        de:
          "noch einmal anhalten, um zu sehen, was den Beweis hindert; wieder nicht bewiesen: den Prozess beenden. Um "
          + "weiterzumachen: cdb resume --justification …, dann cdb gate open --justification …")),
  ]

  /// What breaks a layer, whoever finds it.
  static let system: [ReasonEntry] = [
    ReasonEntry(
      .silentFeed, "silent_feed", .system,
      en: "no frame has come for longer than a live market is silent",
      de: "es kommt länger nichts mehr, als ein lebendiger Markt schweigt",
      remedy: Translation(
        en: "see whether the exchange and the network answer; the client reconnects by itself",
        de: "prüfen, ob Börse und Netz antworten; der Client verbindet sich von selbst neu")),
    ReasonEntry(
      .frozenPrices, "frozen_prices", .system,
      en: "frames come, and no price has moved for longer than a live market stands still",
      de: "es kommen Daten, aber kein Preis bewegt sich mehr",
      remedy: Translation(
        en: "compare with another source; the exchange may have halted trading",
        de: "mit einer anderen Quelle vergleichen; vielleicht ruht der Handel an der Börse")),
    ReasonEntry(
      .clockJump, "clock_jump", .system,
      en: "the clock of this machine has jumped",
      de: "die Uhr dieses Rechners ist gesprungen",
      remedy: Translation(
        en: "let NTP correct the clock; after a step back time stands still until it has caught up",
        de: "die Uhr per NTP stellen; nach einem Sprung zurück steht die Zeit, bis sie aufgeholt hat")),
    ReasonEntry(
      .processHeldUp, "held_up", .system,
      en: "the process was held up, or got no processor time",
      de: "der Prozess stand still oder bekam keine Rechenzeit",
      remedy: Translation(
        en:
          "see who stopped it (SIGSTOP, a debugger, a sleeping machine), and whether its processor time is limited",
        de:
          "nachsehen, wer ihn angehalten hat (SIGSTOP, ein Debugger, eine schlafende Maschine), und ob seine "
          + "Rechenzeit begrenzt ist")),
    ReasonEntry(
      .stageStalled, "stalled", .system,
      en: "a stage has input and does not work on it",
      de: "eine Stufe hat Eingaben und arbeitet nicht daran",
      remedy: Translation(
        en: "see what it waits for: the store may be locked, the machine overloaded",
        de: "nachsehen, worauf sie wartet: der Speicher ist vielleicht gesperrt, der Rechner überlastet")),
    ReasonEntry(
      .stageFailed, "stage_failed", .system,
      en: "a stage stopped with an error",
      de: "eine Stufe hat mit einem Fehler angehalten",
      remedy: Translation(
        en: "the message names the cause; mend it, and restart where the stage does not go on by itself",
        de: "die Meldung nennt die Ursache; beheben und neu starten, wenn die Stufe nicht "
          + "von selbst weitergeht")),
    ReasonEntry(
      .processLost, "process_lost", .system,
      en: "the process of a stage does not answer, or has begun anew a moment ago",
      de: "der Prozess einer Stufe antwortet nicht, oder er hat eben erst neu begonnen",
      remedy: Translation(
        en: "see whether it runs, what its log says, and whether the gate service reaches its address",
        de: "nachsehen, ob er läuft, was in seinem Log steht und ob der Gate-Dienst seine Adresse erreicht")),
    ReasonEntry(
      .busFailed, "bus_failed", .system,
      en: "a process has no bus: nothing comes to its stage, or nothing leaves it",
      de: "ein Prozess hat keinen Bus: zu seiner Stufe kommt nichts, oder nichts geht hinaus",
      remedy: Translation(
        en: "see whether Redis runs and the process reaches it; the processes connect again by themselves",
        de:
          "nachsehen, ob Redis läuft und der Prozess es erreicht; die Prozesse verbinden sich von selbst neu")
    ),
    ReasonEntry(
      .feedFailed, "feed_failed", .system,
      en: "frames cannot be had, or not be journaled",
      de: "Daten lassen sich nicht holen oder nicht ins Journal schreiben",
      remedy: Translation(
        en: "the message names the cause: the connection, the recording, or the disk of the journal",
        de: "die Meldung nennt die Ursache: die Verbindung, die Aufnahme oder der "
          + "Datenträger des Journals")),
    ReasonEntry(
      .zeroActivity, "zero_activity", .system,
      en: "the market lives, and nothing has been traded for too long",
      de: "der Markt lebt, und es wird zu lange nichts gehandelt",
      remedy: Translation(
        en: "cdb why names the layer; a limit that refuses everything is the usual cause",
        de: "cdb why nennt die Schicht; meist lehnt eine Grenze alles ab")),
  ]
}
