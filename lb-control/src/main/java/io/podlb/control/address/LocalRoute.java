package io.podlb.control.address;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.IpFamily;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The any-address routes that make all addresses of the service ranges local, so that sockets can be bound to them
 * and clients on this machine reach them. Adds what is missing and takes away, on {@link #close}, what it added.
 *
 * <p>Made by one thread and closed by any: the second of two signals closes it while the first one still does.
 */
public final class LocalRoute implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalRoute.class);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Function<List<String>, Outcome> commands;
    private final Set<Cidr> wanted = new LinkedHashSet<>(); // guarded by this, as is the next one
    private final Set<Cidr> added = new LinkedHashSet<>();
    private boolean closed;

    private LocalRoute(Function<List<String>, Outcome> commands) {
        this.commands = commands;
    }

    /**
     * Sees to a route for each range.
     *
     * @param commands runs a command, {@link #run} outside of tests
     * @throws IllegalStateException one line with the command that a person has to run
     */
    public static LocalRoute ensure(List<Cidr> ranges, Function<List<String>, Outcome> commands) {
        LocalRoute route = new LocalRoute(commands);
        try {
            route.require(ranges);
        } catch (IllegalStateException e) {
            route.close();
            throw e;
        }
        return route;
    }

    /**
     * Sees to a route for these ranges too. Those that were wanted before stay: something may still be bound there.
     *
     * @throws IllegalStateException one line with the command that a person has to run; the others are seen to
     */
    public synchronized void require(List<Cidr> ranges) {
        wanted.addAll(ranges);
        repair();
    }

    /**
     * Adds again what somebody took away.
     *
     * @throws IllegalStateException as {@link #require}
     */
    public synchronized void repair() {
        IllegalStateException failure = null;
        for (Cidr range : wanted) {
            try {
                ensure(range);
            } catch (IllegalStateException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void ensure(Cidr range) {
        if (closed) {
            return; // a repair must not undo the end
        }
        Outcome shown = commands.apply(command(range, "show", "table", "local", "exact", range.toString()));
        if (shown.status() == 0 && shown.output().startsWith("local ")) {
            return;
        }
        List<String> add = command(range, "add", "local", range.toString(), "dev", "lo");
        Outcome outcome = commands.apply(add);
        if (outcome.status() != 0) {
            throw new IllegalStateException("--cluster-ip-mode bind needs a local route for " + range
                    + ", which cannot be added (" + outcome.output().strip().replace('\n', ' ') + "); run as root: "
                    + String.join(" ", add));
        }
        if (added.add(range)) {
            log.info("added the local route for {} on lo; it goes when podlb ends", range);
        } else {
            log.warn("the local route for {} on lo was gone and has been added again", range);
        }
    }

    /** Removes the routes that were added here; returns when they are gone, whoever removes them. */
    @Override
    public synchronized void close() {
        closed = true;
        for (Cidr range : added) {
            Outcome outcome = commands.apply(command(range, "del", "local", range.toString(), "dev", "lo"));
            if (outcome.status() != 0) {
                log.warn(
                        "the local route for {} stays: {}",
                        range,
                        outcome.output().strip());
            }
        }
        added.clear();
    }

    private static List<String> command(Cidr range, String... words) {
        List<String> command = new ArrayList<>(List.of("ip", range.family() == IpFamily.IPV4 ? "-4" : "-6", "route"));
        command.addAll(List.of(words));
        return command;
    }

    /** Runs a command of the system and waits for it, a few seconds at most. */
    public static Outcome run(List<String> command) {
        return run(command, PATIENCE);
    }

    static Outcome run(List<String> command, Duration patience) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Outcome(127, "there is no command " + command.get(0) + ", package iproute2");
        }
        // What it prints fits into the buffer of a pipe, so it is read once all is there and cannot block.
        try (InputStream output = process.getInputStream()) {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Outcome(1, "no end within " + patience.toMillis() + " ms");
            }
            return new Outcome(process.exitValue(), new String(output.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new Outcome(1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(1, "interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * How a command ended.
     *
     * @param status exit status, 0 for success
     * @param output what it printed, errors included
     */
    public record Outcome(int status, String output) {}
}
