package io.podlb.control;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * SIGTERM and SIGINT as two wishes: the first asks for an orderly end, the second for an end at once. Without this a
 * Java process that got a signal cannot end with status 0. Reached by reflection, since the compiler warns of {@code
 * sun.misc.Signal} although every JDK has it; where there is none, signals end the process as usual.
 */
final class Signals implements AutoCloseable {

    private static final String[] NAMES = {"TERM", "INT"};

    private final Map<String, Object> before = new HashMap<>();

    private Signals() {}

    /** Begins to listen to signals; {@code first} and {@code second} are called on a thread of the JVM. */
    static Signals install(Runnable first, Runnable second) {
        Signals signals = new Signals();
        AtomicInteger count = new AtomicInteger();
        InvocationHandler handler = (proxy, method, args) -> switch (method.getName()) {
            case "handle" -> {
                (count.getAndIncrement() == 0 ? first : second).run();
                yield null;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> args != null && proxy == args[0];
            default -> "podlb";
        };
        try {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {type}, handler);
            for (String name : NAMES) {
                signals.before.put(name, handle(name, proxy));
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // No such signal here: the process ends by it, without a drain.
            return signals;
        }
        return signals;
    }

    private static Object handle(String name, Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Method handle = signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"));
        return handle.invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
    }

    /** Signals do again what they did before. */
    @Override
    public void close() {
        before.forEach((name, handler) -> {
            try {
                handle(name, handler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("signal " + name + " was there a moment ago", e);
            }
        });
    }
}
