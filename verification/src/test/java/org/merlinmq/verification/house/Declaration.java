package org.merlinmq.verification.house;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * A type or a method as it stands in a source.
 *
 * @param place file and line
 * @param name its simple name
 * @param isMethod whether it is a method or a constructor
 * @param lines from its first annotation or modifier to its last brace
 * @param isCallable whether other packages see it by its modifiers and those of the types around it, and no other
 *     declaration documents it, as what it overrides or the record that it constructs
 * @param hasBody whether it is no method without a body
 * @param isOneExpression whether it is a method that only returns or evaluates one expression
 * @param hasJavadoc whether it has a Javadoc comment
 */
record Declaration(
        String place,
        String name,
        boolean isMethod,
        long lines,
        boolean isCallable,
        boolean hasBody,
        boolean isOneExpression,
        boolean hasJavadoc) {

    /** All types and methods in files, as javac parses them. */
    static List<Declaration> in(Path root, List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Declaration> found = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            var units = manager.getJavaFileObjectsFromPaths(files);
            JavacTask task = (JavacTask) compiler.getTask(null, manager, null, List.of("-proc:none"), null, units);
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                String file =
                        root.relativize(Path.of(unit.getSourceFile().toUri())).toString();
                new Scanner(file, unit, trees, found).scan(unit, null);
            }
        }
        return found;
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final String file;
        private final CompilationUnitTree unit;
        private final DocTrees trees;
        private final List<Declaration> found;

        Scanner(String file, CompilationUnitTree unit, DocTrees trees, List<Declaration> found) {
            this.file = file;
            this.unit = unit;
            this.trees = trees;
            this.found = found;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
            if (!type.getSimpleName().isEmpty()) {
                add(type, type.getSimpleName().toString(), false, isSeen(getCurrentPath()), true, false);
            }
            return super.visitClass(type, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
            boolean constructsRecord = method.getReturnType() == null
                    && getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.RECORD;
            boolean callable = !overrides && !constructsRecord && isSeen(getCurrentPath());
            BlockTree body = method.getBody();
            boolean oneExpression = body != null
                    && body.getStatements().size() == 1
                    && (body.getStatements().getFirst() instanceof ReturnTree
                            || body.getStatements().getFirst() instanceof ExpressionStatementTree);
            add(method, method.getName().toString(), true, callable, body != null, oneExpression);
            return super.visitMethod(method, null);
        }

        private void add(
                Tree tree, String name, boolean isMethod, boolean callable, boolean hasBody, boolean oneExpression) {
            long first = line(trees.getSourcePositions().getStartPosition(unit, tree));
            long last = line(trees.getSourcePositions().getEndPosition(unit, tree));
            boolean documented = trees.getDocComment(getCurrentPath()) != null;
            found.add(new Declaration(
                    file + ":" + first,
                    name,
                    isMethod,
                    last - first + 1,
                    callable,
                    hasBody,
                    oneExpression,
                    documented));
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(position);
        }

        /** Whether a declaration and all types around it are public or protected, by themselves or in an interface. */
        private static boolean isSeen(TreePath path) {
            Tree tree = path.getLeaf();
            if (tree instanceof CompilationUnitTree) {
                return true;
            }
            ModifiersTree modifiers = tree instanceof ClassTree type
                    ? type.getModifiers()
                    : tree instanceof MethodTree method ? method.getModifiers() : null;
            if (modifiers == null) { // the body of a method, around a type in it
                return false;
            }
            TreePath around = path.getParentPath();
            Set<Modifier> flags = modifiers.getFlags();
            boolean inInterface = around.getLeaf().getKind() == Tree.Kind.INTERFACE;
            boolean open = flags.contains(Modifier.PUBLIC)
                    || flags.contains(Modifier.PROTECTED)
                    || (inInterface && !flags.contains(Modifier.PRIVATE));
            return open && isSeen(around);
        }
    }
}
