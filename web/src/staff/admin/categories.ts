import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";

type Tree = Schemas["AdminCategory"];

export interface Category {
  id: string;
  /** With the names above it. */
  name: string;
}

function flat(trees: Tree[], above: string): Category[] {
  return trees.flatMap(({ id, name, children }) => [{ id, name: above + name }, ...flat(children ?? [], `${above}${name} / `)]);
}

/** The categories of a help desk, from the top down. */
export function useCategories(deskId: string): Category[] {
  const { data } = useQuery({
    queryKey: ["categories", deskId],
    queryFn: () => answer(api.GET("/admin/v1/desks/{helpdesk_id}/categories", { params: { path: { helpdesk_id: deskId } } })),
  });
  return data ? flat(data.categories, "") : [];
}
