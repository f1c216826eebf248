package io.podlb.control.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A small API server over plain HTTP: lists and watches with selectors, history, bookmarks and 410, and switches for
 * everything that goes wrong with a real one. Any thread.
 */
public final class FakeApiServer implements AutoCloseable {

    private static final long BOOKMARK_MILLIS = 200;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-api-server");
        thread.setDaemon(true);
        return thread;
    });
    private final KubernetesSerialization json = new KubernetesSerialization();
    private final AtomicInteger lists = new AtomicInteger();
    private final AtomicInteger watches = new AtomicInteger();
    private final Set<String> seen = new LinkedHashSet<>();
    private final @Nullable SSLContext tls;
    private InetSocketAddress address;
    private @Nullable HttpServer server;

    // All guarded by this.
    private final Map<String, TreeMap<String, Stored>> objects = new HashMap<>();
    private final List<Change> history = new ArrayList<>();
    private long version = 1;
    private long compacted;
    private int generation;
    private int silentBelow;
    private boolean refusing;
    private boolean duplicating;
    private long delayMillis;
    private Predicate<HttpExchange> users = any -> true;
    private final List<Event> written = new ArrayList<>();
    private boolean eventsForbidden;
    private int refusedEvents;
    private final Set<String> heldBack = new LinkedHashSet<>();

    private FakeApiServer(InetSocketAddress address, @Nullable SSLContext tls) {
        this.address = address;
        this.tls = tls;
    }

    /** One that listens; port 0 takes a free one. */
    public static FakeApiServer start(InetSocketAddress address) throws IOException {
        return start(address, null);
    }

    /** One that speaks TLS and takes certificates of clients, but does not insist on one. */
    static FakeApiServer start(InetSocketAddress address, @Nullable SSLContext tls) throws IOException {
        FakeApiServer fake = new FakeApiServer(address, tls);
        fake.up();
        return fake;
    }

    private record Stored(String json, Map<String, String> labels, String name) {}

    private record Change(
            long version,
            String resource,
            @Nullable Stored before,
            @Nullable Stored after) {}

    /** {@code http://127.0.0.1:12345}. */
    public synchronized String url() {
        return (tls == null ? "http://" : "https://") + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /** Creates or replaces an object; its resource version is set. */
    public synchronized void put(HasMetadata object) {
        version++;
        object.getMetadata().setResourceVersion(Long.toString(version));
        Map<String, String> labels = object.getMetadata().getLabels();
        store(
                resource(object),
                key(object),
                new Stored(
                        json.asJson(object),
                        labels == null ? Map.of() : labels,
                        object.getMetadata().getName()));
    }

    /** Puts text that need be no object; {@code VERSION} in it becomes its resource version. */
    public synchronized void putRaw(String resource, String key, String text) {
        version++;
        store(resource, key, new Stored(text.replace("VERSION", Long.toString(version)), Map.of(), key));
    }

    /** Says in open watches, once more and too late, that there was an object of this version. */
    public synchronized void sayLate(HasMetadata object, String resourceVersion) {
        say(object, resourceVersion, true);
    }

    /** The same for its deletion. */
    public synchronized void sayLateThatItIsGone(HasMetadata object, String resourceVersion) {
        say(object, resourceVersion, false);
    }

    private void say(HasMetadata object, String resourceVersion, boolean exists) {
        version++;
        object.getMetadata().setResourceVersion(resourceVersion);
        Stored stored = new Stored(
                json.asJson(object),
                object.getMetadata().getLabels(),
                object.getMetadata().getName());
        history.add(new Change(version, resource(object), stored, exists ? stored : null));
        notifyAll();
    }

    public synchronized void delete(HasMetadata object) {
        delete(resource(object), key(object));
    }

    /** By namespace/name, or name where there is no namespace. */
    public synchronized void delete(String resource, String key) {
        if (objects.getOrDefault(resource, new TreeMap<>()).containsKey(key)) {
            version++;
            store(resource, key, null);
        }
    }

    /** Cuts all open watches off, in the middle of the stream. */
    public synchronized void breakWatches() {
        generation++;
        notifyAll();
    }

    /** While set, every request is answered with 503; open watches are cut off. */
    public synchronized void refuse(boolean on) {
        refusing = on;
        breakWatches();
    }

    /** While set, lists of this resource wait. */
    public synchronized void holdBack(String resource, boolean on) {
        if (on) {
            heldBack.add(resource);
        } else {
            heldBack.remove(resource);
        }
        notifyAll();
    }

    /** Before every answer and every event. */
    public synchronized void delay(long millis) {
        delayMillis = millis;
    }

    /** Every event is sent twice. */
    public synchronized void duplicate(boolean on) {
        duplicating = on;
    }

    /** Forgets all history: watches from before now get 410. */
    public synchronized void expireHistory() {
        version++;
        compacted = version;
        history.clear();
    }

    /** The watches that are open now stay open and say nothing more; later ones work. */
    public synchronized void silence() {
        generation++;
        silentBelow = generation;
        notifyAll();
    }

    /** Nobody listens any more; {@link #up} takes the same port again. */
    public synchronized void down() {
        if (server != null) {
            server.stop(0);
            server = null;
        }
        breakWatches();
    }

    public synchronized void up() throws IOException {
        HttpServer created = tls == null ? HttpServer.create(address, 64) : https(tls);
        created.setExecutor(threads);
        created.createContext("/", this::answer);
        created.start();
        address = created.getAddress();
        server = created;
    }

    private HttpServer https(SSLContext context) throws IOException {
        HttpsServer created = HttpsServer.create(address, 64);
        created.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setWantClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        return created;
    }

    /** From now on a request is one of this user, or it is answered with 401; open watches are cut off. */
    synchronized void admit(Predicate<HttpExchange> user) {
        users = user;
        breakWatches();
    }

    /** Events that were written. */
    public synchronized List<Event> events() {
        return List.copyOf(written);
    }

    /** Writing Events is answered with 403. */
    public synchronized void forbidEvents() {
        eventsForbidden = true;
    }

    /** Attempts to write one that were answered so. */
    public synchronized int refusedEvents() {
        return refusedEvents;
    }

    private void create(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        int code = take(json.unmarshal(body, Event.class));
        respond(exchange, code, code == 201 ? body : status(code, "Forbidden"));
    }

    private synchronized int take(Event event) {
        if (eventsForbidden) {
            refusedEvents++;
            return 403;
        }
        written.add(event);
        return 201;
    }

    private synchronized boolean admits(HttpExchange exchange) {
        return users.test(exchange);
    }

    /** Lists that were answered so far. */
    public int lists() {
        return lists.get();
    }

    /** Watches that were begun so far. */
    public int watches() {
        return watches.get();
    }

    /** Resource and selectors of all lists so far, {@code services?labelSelector=…}. */
    public synchronized Set<String> asked() {
        return Set.copyOf(seen);
    }

    @Override
    public void close() {
        down();
        threads.shutdownNow();
    }

    private void store(String resource, String key, @Nullable Stored latest) {
        TreeMap<String, Stored> all = objects.computeIfAbsent(resource, any -> new TreeMap<>());
        Stored before = latest == null ? all.remove(key) : all.put(key, latest);
        history.add(new Change(version, resource, before, latest));
        notifyAll();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try {
            String resource = resource(exchange.getRequestURI().getPath());
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            pause();
            if (!admits(exchange)) {
                respond(exchange, 401, status(401, "Unauthorized"));
            } else if (isRefusing()) {
                respond(exchange, 503, status(503, "ServiceUnavailable"));
            } else if (exchange.getRequestMethod().equals("POST") && resource.equals("events")) {
                create(exchange);
            } else if (!knows(resource)) {
                respond(exchange, 404, status(404, "NotFound"));
            } else if ("true".equals(query.get("watch")) || "1".equals(query.get("watch"))) {
                watch(exchange, resource, query);
            } else {
                respond(exchange, 200, list(resource, query));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    private synchronized boolean isRefusing() {
        return refusing;
    }

    private synchronized boolean knows(String resource) {
        return Set.of("services", "endpointslices", "nodes").contains(resource) || objects.containsKey(resource);
    }

    private synchronized void pause() throws InterruptedException {
        if (delayMillis > 0) {
            wait(delayMillis);
        }
    }

    private synchronized String list(String resource, Map<String, String> query) throws InterruptedException {
        while (heldBack.contains(resource)) {
            wait();
        }
        lists.incrementAndGet();
        seen.add(resource + "?" + selectors(query));
        String items = objects.getOrDefault(resource, new TreeMap<>()).values().stream()
                .filter(stored -> matches(stored, query))
                .map(Stored::json)
                .collect(Collectors.joining(","));
        return "{\"kind\":\"" + kind(resource) + "List\",\"apiVersion\":\"" + group(resource)
                + "\",\"metadata\":{\"resourceVersion\":\"" + version + "\"},\"items\":[" + items + "]}";
    }

    private static String selectors(Map<String, String> query) {
        return query.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("Selector"))
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("&"));
    }

    private void watch(HttpExchange exchange, String resource, Map<String, String> query)
            throws IOException, InterruptedException {
        watches.incrementAndGet();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        String asked = query.getOrDefault("resourceVersion", "0");
        long at = asked.isEmpty() ? 0 : Long.parseLong(asked);
        int mine = generation();
        while (true) {
            Batch batch = next(resource, query, at, mine);
            for (String line : batch.lines()) {
                pause();
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
            out.flush();
            if (batch.end()) {
                return;
            }
            at = batch.version();
        }
    }

    private synchronized int generation() {
        return generation;
    }

    private record Batch(long version, List<String> lines, boolean end) {}

    private synchronized Batch next(String resource, Map<String, String> query, long at, int mine)
            throws InterruptedException {
        if (at > 0 && at < compacted) {
            return new Batch(at, List.of("{\"type\":\"ERROR\",\"object\":" + status(410, "Expired") + "}"), true);
        }
        if (at >= version && mine == generation) {
            wait(BOOKMARK_MILLIS);
        }
        while (mine < silentBelow && !refusing && server != null) {
            wait();
        }
        if (mine != generation || server == null) {
            return new Batch(at, List.of(), true);
        }
        List<String> lines = new ArrayList<>();
        int first = history.size();
        while (first > 0 && history.get(first - 1).version() > at) {
            first--;
        }
        for (Change event : history.subList(first, history.size())) {
            String line = event.resource().equals(resource) ? line(event, query) : null;
            if (line != null) {
                lines.add(line);
                if (duplicating) {
                    lines.add(line);
                }
            }
        }
        if (lines.isEmpty()) {
            lines.add("{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"" + kind(resource) + "\",\"apiVersion\":\""
                    + group(resource) + "\",\"metadata\":{\"resourceVersion\":\"" + version + "\"}}}");
        }
        return new Batch(version, lines, false);
    }

    /** As a watcher with this selector sees it; null if it sees nothing. */
    private @Nullable String line(Change event, Map<String, String> query) {
        boolean before = event.before() != null && matches(event.before(), query);
        boolean after = event.after() != null && matches(event.after(), query);
        if (!before && !after) {
            return null;
        }
        String type = !before ? "ADDED" : after ? "MODIFIED" : "DELETED";
        Stored shown = event.after() == null ? event.before() : event.after();
        return "{\"type\":\"" + type + "\",\"object\":" + (shown == null ? "null" : shown.json()) + "}";
    }

    private static boolean matches(Stored stored, Map<String, String> query) {
        for (String term : query.getOrDefault("labelSelector", "").split(",")) {
            String[] parts = term.split("=", 2);
            boolean match = term.isEmpty()
                    || (term.startsWith("!")
                            ? !stored.labels().containsKey(term.substring(1))
                            : parts[1].equals(stored.labels().get(parts[0])));
            if (!match) {
                return false;
            }
        }
        String field = query.getOrDefault("fieldSelector", "");
        return !field.startsWith("metadata.name=") || field.equals("metadata.name=" + stored.name());
    }

    private static void respond(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String status(int code, String reason) {
        return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"" + reason
                + "\",\"message\":\"" + reason + "\",\"code\":" + code + "}";
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts.length == 1 ? "" : parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private static String resource(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String resource(HasMetadata object) {
        return object.getPlural();
    }

    private static String kind(String resource) {
        return switch (resource) {
            case "services" -> "Service";
            case "endpointslices" -> "EndpointSlice";
            case "nodes" -> "Node";
            default -> "ServiceCIDR";
        };
    }

    private static String group(String resource) {
        return switch (resource) {
            case "services", "nodes" -> "v1";
            case "endpointslices" -> "discovery.k8s.io/v1";
            default -> "networking.k8s.io/v1";
        };
    }

    private static String key(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return (namespace == null ? "" : namespace + "/") + object.getMetadata().getName();
    }
}
