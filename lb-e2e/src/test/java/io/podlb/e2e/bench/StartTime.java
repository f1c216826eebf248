package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import io.podlb.e2e.Shell;
import io.podlb.e2e.bench.Proxy.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** From the start of a process until it has served its first connection, by the flags of the JVM, and for the peers. */
final class StartTime {

    static final Figure ANSWER = new Figure("first answer ms", 0);
    static final Figure CPU = new Figure("CPU ms until then", 0);
    static final Figure RSS = new Figure("RSS MiB then", 0);

    private static final String FRONT = "127.96.1.1";
    private static final String BACKEND = "127.97.1.1";
    private static final String BOTH_CORES = "0,1";
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final Path home;
    private final String java;
    private final Ticker ticker;
    private final Map<String, Row> rows = new LinkedHashMap<>();

    private record Row(String cores, List<String> command) {}

    /**
     * Makes the archives that some rows start from.
     *
     * @param java the JVM
     * @param jars podlb under the names that its rows begin with
     * @param peers whoever else takes part
     */
    StartTime(Path home, String java, Map<String, Path> jars, List<String> peers, Ticker ticker) throws IOException {
        this.home = home;
        this.java = java;
        this.ticker = ticker;
        int version = version(java);
        Path manifest = Files.writeString(home.resolve("bench.yaml"), Peers.manifest(FRONT, BACKEND));
        for (Map.Entry<String, Path> jar : jars.entrySet()) {
            List<String> serve = List.of(
                    "-jar",
                    jar.getValue().toString(),
                    "run",
                    "--cluster-ip-mode",
                    "loopback",
                    "--event-loops",
                    "1",
                    "--admin",
                    "127.0.0.1:0",
                    "-f",
                    manifest.toString());
            addJava(jar.getKey(), serve, version);
        }
        if (peers.contains("haproxy")) {
            Path config = Files.writeString(home.resolve("haproxy.cfg"), Peers.haproxy(FRONT, BACKEND, false));
            oneCore("haproxy", List.of("haproxy", "-db", "-f", config.toString()));
        }
        if (peers.contains("nginx")) {
            Path config = Files.writeString(home.resolve("nginx.conf"), Peers.nginx(home.toString(), FRONT, BACKEND));
            oneCore("nginx", List.of("nginx", "-c", config.toString(), "-p", home.toString()));
        }
    }

    private void addJava(String label, List<String> serve, int version) {
        List<String> light = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
        oneCore(label, command(List.of(), serve));
        oneCore(label + " C1 Serial", command(light, serve));
        Path archive = home.resolve(label + ".jsa");
        train(label, command(List.of("-XX:ArchiveClassesAtExit=" + archive), serve));
        addFrom(label + " AppCDS", "-XX:SharedArchiveFile=" + archive, light, serve);
        if (version >= 19) {
            List<String> auto = List.of(
                    "-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + home.resolve(label + "-auto.jsa"));
            train(label + " auto", command(auto, serve));
            oneCore(label + " AppCDS made by itself", command(auto, serve));
        }
        if (version >= 25) {
            Path cache = home.resolve(label + ".aot");
            train(label + " aot", command(List.of("-XX:AOTCacheOutput=" + cache), serve));
            addFrom(label + " AOT cache", "-XX:AOTCache=" + cache, light, serve);
        }
    }

    /** What is shipped gets the second core as well: JIT and program run side by side, as in real life. */
    private void addFrom(String label, String archive, List<String> light, List<String> serve) {
        List<String> lighter = new ArrayList<>(List.of(archive));
        lighter.addAll(light);
        oneCore(label, command(List.of(archive), serve));
        oneCore(label + " C1 Serial", command(lighter, serve));
        rows.put(label + ", 2 cores", new Row(BOTH_CORES, command(List.of(archive), serve)));
        rows.put(label + " C1 Serial, 2 cores", new Row(BOTH_CORES, command(lighter, serve)));
    }

    private void oneCore(String label, List<String> command) {
        rows.put(label, new Row(CpuTime.PROXY_CORES, command));
    }

    private List<String> command(List<String> flags, List<String> serve) {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(flags);
        command.addAll(serve);
        return command;
    }

    List<String> rows() {
        return List.copyOf(rows.keySet());
    }

    /** A run that serves one connection and ends in good order, which is when an archive is written. */
    private void train(String name, List<String> command) {
        try (Running running = start(name, new Row(CpuTime.PROXY_CORES, command))) {
            awaitAnswer(running);
            running.end(60);
        }
    }

    Sample measure(String row) {
        long start = ticker.nanoTime();
        try (Running running = start(row, rows.get(row))) {
            awaitAnswer(running);
            long nanos = ticker.nanoTime() - start;
            CpuTime used = CpuTime.now(running.pid());
            return Sample.EMPTY
                    .with(ANSWER, nanos / 1e6)
                    .with(CPU, used.process().toNanos() / 1e6)
                    .with(RSS, CpuTime.statusKib(running.pid(), "VmRSS") / 1024.0);
        }
    }

    private Running start(String name, Row row) {
        return Running.start(row.cores(), List.of(), row.command(), home.resolve(name + ".log"));
    }

    private void awaitAnswer(Running running) {
        long start = ticker.nanoTime();
        while (!answers()) {
            if (!running.isAlive() || ticker.nanoTime() - start > PATIENCE) {
                throw new IllegalStateException("it does not answer; its log is " + running.log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // how exact the figure is
        }
    }

    private static boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(FRONT, Ports.FRONT.http()), 10_000);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() >= 0;
        } catch (ConnectException notYet) {
            return false;
        } catch (IOException e) {
            throw new IllegalStateException("the first connection was taken but not served", e);
        }
    }

    private static int version(String java) {
        String version = Shell.must(java, "--version"); // such as: openjdk 17.0.15 2025-04-15
        return Integer.parseInt(version.replaceFirst("(?s)^\\S+ (\\d+).*", "$1"));
    }
}
