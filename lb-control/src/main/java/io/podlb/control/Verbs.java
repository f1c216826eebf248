package io.podlb.control;

import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.admin.ExplainText;
import io.podlb.control.admin.Listeners;
import io.podlb.control.admin.ServicesJson;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.source.ApiServer;
import io.podlb.control.source.Loaded;
import io.podlb.control.source.ManifestReader;
import io.podlb.control.source.ManifestSource;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What the verbs do, once their words are understood. Each returns the exit status or throws a CommandFailure. */
final class Verbs {

    private static final String STORY = "my-webapp.yaml";

    /** What the cluster IPs of the demo would want: an address of 127/8 with the port of its Services. */
    private static final SocketAddressSpec LOOPBACK_PROBE =
            new SocketAddressSpec(InetAddresses.parse("127.244.255.254"), 80);

    private Verbs() {}

    static int demo(NodeOptions node, ServerOptions server, FaultOptions faults, LogOptions log, PrintWriter out) {
        LogSetup.configure(log);
        boolean loopback = Machine.canListen(LOOPBACK_PROBE);
        if (!loopback && node.clusterIpMode == null) {
            LoggerFactory.getLogger(Verbs.class)
                    .info(
                            "cluster IPs are served as ports of 127.0.0.1, since {} cannot be bound here;"
                                    + " as root, with nothing else on port 80, they have addresses of their own",
                            LOOPBACK_PROBE);
        }
        Settings settings = Settings.of(node, loopback ? ClusterIpMode.LOOPBACK : ClusterIpMode.PORT, true)
                .withFaults(faults.permission());
        return new Standalone(settings, server, node, log, Clock.system(ZoneId.systemDefault()))
                .serve(story(), null, out, true);
    }

    static int run(
            ManifestOptions manifests,
            NodeOptions node,
            ServerOptions server,
            FaultOptions faults,
            LogOptions log,
            PrintWriter out) {
        LogSetup.configure(log);
        requireFiles(manifests);
        Settings settings = Settings.of(node, ClusterIpMode.LOOPBACK, manifests.simulatePods)
                .withFaults(faults.permission());
        Clock clock = Clock.system(ZoneId.systemDefault());
        try (ManifestSource source = new ManifestSource(manifests.files, clock)) {
            Loaded loaded = withoutFileErrors(source.load());
            Planned planned = new Planner(settings).plan(loaded);
            if (planned.isRefused()) {
                throw refused(errors(planned));
            }
            return new Standalone(settings, server, node, log, clock).serve(loaded, source, out, false);
        }
    }

    static int node(ClusterOptions cluster, NodeOptions node, ServerOptions server, LogOptions log) {
        LogSetup.configure(log);
        Settings settings = Settings.ofNode(node, cluster.proxyName);
        Clock clock = Clock.system(ZoneId.systemDefault());
        try (ApiServer api = reached(cluster, clock)) {
            return new Daemon(settings, server, node, cluster, log, api, clock).serve();
        }
    }

    private static ApiServer reached(ClusterOptions cluster, Clock clock) {
        try {
            return ApiServer.open(
                    cluster.kubeconfig,
                    cluster.master,
                    System.getenv(),
                    () -> ThreadLocalRandom.current().nextDouble(),
                    clock);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }

    static int explain(
            ManifestOptions manifests,
            NodeOptions node,
            FaultOptions faults,
            LogOptions log,
            ServiceChoice choice,
            boolean json,
            PrintWriter out) {
        LogSetup.configure(log);
        boolean demo = manifests.files.isEmpty();
        Settings settings = Settings.of(node, ClusterIpMode.LOOPBACK, manifests.simulatePods || demo)
                .withFaults(faults.permission());
        Loaded loaded = demo ? story() : withoutFileErrors(ManifestReader.read(manifests.files));
        Planned planned = new Planner(settings).plan(loaded);
        ControlView view = choice.of(new ControlView(
                planned.node(), planned.services(), planned.placement(), Map.of(), planned.problems(), Stage.STARTING));
        if (json) {
            out.println(ServicesJson.of(view, Listeners.NONE, settings.policies()));
        } else {
            out.print(ExplainText.of(view, settings.policies()));
        }
        out.flush();
        return planned.isRefused() ? CommandFailure.USAGE : 0;
    }

    static int validate(
            ManifestOptions manifests, NodeOptions node, FaultOptions faults, LogOptions log, PrintWriter out) {
        LogSetup.configure(log);
        requireFiles(manifests);
        Loaded loaded = ManifestReader.read(manifests.files);
        Planned planned = new Planner(Settings.of(node, ClusterIpMode.LOOPBACK, manifests.simulatePods)
                        .withFaults(faults.permission()))
                .plan(loaded);
        List<Problem> problems = new ArrayList<>(planned.problems());
        planned.services().forEach(service -> problems.addAll(service.problems()));
        problems.sort(Comparator.comparing((Problem problem) -> file(problem.origin()))
                .thenComparing(problem -> document(problem.origin())));
        problems.forEach(problem -> out.println(problem.severity().name().toLowerCase(Locale.ROOT) + ": " + problem));
        long errors = count(problems, problem -> problem.severity() == Severity.ERROR);
        long warnings = count(problems, problem -> problem.severity() == Severity.WARNING);
        out.println(amount(planned.services().size(), "Service") + ", " + amount(errors, "error") + ", "
                + amount(warnings, "warning") + ", " + amount(problems.size() - errors - warnings, "note"));
        out.flush();
        return errors == 0 ? 0 : CommandFailure.USAGE;
    }

    /** The manifests of the demo. */
    private static Loaded story() {
        try (InputStream resource = Verbs.class.getResourceAsStream(STORY)) {
            if (resource == null) {
                throw new IllegalStateException("resource " + STORY + " is missing");
            }
            return ManifestReader.read(STORY, new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Not left to the parser of options, which would complain of this before it complains of a misspelt option. */
    private static void requireFiles(ManifestOptions manifests) {
        if (manifests.files.isEmpty()) {
            throw CommandFailure.usage("there is nothing to read; name manifests with --file FILE_OR_DIR");
        }
    }

    private static Loaded withoutFileErrors(Loaded loaded) {
        List<Problem> errors = loaded.fileErrors();
        if (errors.isEmpty() && loaded.state().services().isEmpty()) {
            // Not one Service could be read: what is wrong with the manifests is all there is to say.
            errors = loaded.problems().stream()
                    .filter(problem -> problem.severity() == Severity.ERROR)
                    .toList();
        }
        if (!errors.isEmpty()) {
            throw refused(errors);
        }
        return loaded;
    }

    private static CommandFailure refused(List<Problem> errors) {
        return new CommandFailure(
                CommandFailure.USAGE, errors.stream().map(Problem::toString).toList());
    }

    private static List<Problem> errors(Planned planned) {
        return planned.services().stream()
                .flatMap(service -> service.problems().stream())
                .filter(problem -> problem.severity() == Severity.ERROR)
                .toList();
    }

    private static String file(@Nullable Origin origin) {
        return origin == null ? "" : origin.file();
    }

    private static int document(@Nullable Origin origin) {
        return origin == null ? 0 : origin.document();
    }

    private static long count(List<Problem> problems, Predicate<Problem> wanted) {
        return problems.stream().filter(wanted).count();
    }

    private static String amount(long count, String word) {
        return count + " " + word + (count == 1 ? "" : "s");
    }
}
