import { Link } from "@tanstack/react-router";

interface TabsProps {
  label: string;
  tabs: { to: string; label: string; exact?: boolean }[];
}

/** Parts of a page that have an address each. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ to, label: name, exact = false }) => (
        <Link key={to} to={to} activeOptions={{ exact, includeSearch: false }}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
