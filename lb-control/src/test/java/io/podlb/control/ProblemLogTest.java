package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProblemLogTest {

    private static final Problem ERROR = problem(Severity.ERROR, "is broken");
    private static final Problem WARNING = problem(Severity.WARNING, "is odd");
    private static final Problem NOTE = problem(Severity.NOTE, "is new");

    private final Logger logger = (Logger) LoggerFactory.getLogger(ProblemLog.class);
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private final ProblemLog problems = new ProblemLog();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(events);
        events.start();
    }

    @AfterEach
    void stop() {
        logger.detachAppender(events);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void tellsOfEachProblemOnceWhenItAppearsAndOnceWhenItIsGone() {
        problems.update(List.of(ERROR, WARNING, ERROR));
        assertThat(logged())
                .containsExactly(
                        "ERROR web.yaml, document 1: Service default/web: is broken; mend it",
                        "WARN web.yaml, document 1: Service default/web: is odd; mend it");
        problems.update(List.of(WARNING, ERROR));
        assertThat(logged()).isEmpty();
        problems.update(List.of(WARNING, NOTE));
        assertThat(logged())
                .containsExactly(
                        "INFO web.yaml, document 1: Service default/web: is new; mend it",
                        "INFO no longer: web.yaml, document 1: Service default/web: is broken; mend it");
        problems.update(List.of());
        assertThat(logged()).hasSize(2).allMatch(line -> line.startsWith("INFO no longer: "));
    }

    @Test
    void tellsOfAProblemAnewThatComesBack() {
        problems.update(List.of(ERROR));
        problems.update(List.of());
        events.list.clear();
        problems.update(List.of(ERROR));
        assertThat(logged()).hasSize(1).allMatch(line -> line.startsWith("ERROR "));
    }

    private List<String> logged() {
        List<String> lines = events.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
        events.list.clear();
        return lines;
    }

    private static Problem problem(Severity severity, String message) {
        return new Problem(severity, new Origin("web.yaml", 1), "Service default/web", null, message, "mend it");
    }
}
